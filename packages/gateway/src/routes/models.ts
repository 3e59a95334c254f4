import { formatModel, formatModels, type ListedModel, type ModelEntry, xinference } from "@arriero/dialects";
import { ArrieroError, type ModelDescription } from "@arriero/spec";
import type { Route } from "../http/route.ts";
import type { KnownModel } from "../models/known-models.ts";
import type { LaunchedModels } from "../models/launched-models.ts";
import { ModelDescriptions } from "../models/model-descriptions.ts";
import { type ModelScope, mayUse, visiblePart } from "../models/visible-models.ts";

export interface ModelServices {
  readonly models: LaunchedModels;
}

/** A name that models can be asked for by, and what stands behind it. */
interface ServedName {
  readonly listed: ListedModel;
  /** null: its file cannot be read. */
  readonly description: ModelDescription | null;
  /** What it was launched as; null: what it is. */
  readonly type: xinference.XinferenceModelType | null;
}

/** The list of models, one for all dialects: each entry has the fields of every one of them. */
export function modelRoutes({ models }: ModelServices): readonly Route[] {
  const descriptions = new ModelDescriptions(models);

  const describe = async (model: KnownModel): Promise<ModelDescription | null> => {
    try {
      return await descriptions.of(model);
    } catch (thrown) {
      // One broken file must not hide the other models.
      if (thrown instanceof ArrieroError) return null;
      throw thrown;
    }
  };

  const servedNames = async (scope: ModelScope): Promise<ServedName[]> => {
    const stored: ServedName[] = [];
    for (const known of await models.list()) {
      const model = visiblePart(known, scope);
      if (model === null) continue;
      stored.push({ listed: listedAs(model, scope), description: await describe(model), type: null });
    }
    const launched = models.launched().flatMap(({ model, type, uid }) => {
      const named = stored.find(({ listed }) => listed.name === model);
      return named === undefined ? [] : [{ ...named, listed: { ...named.listed, name: uid }, type }];
    });
    return [...stored, ...launched];
  };

  return [
    {
      method: "GET",
      path: "/v1/models",
      access: "caller",
      inference: false,
      formatError: xinference.formatSharedError,
      async handler(exchange) {
        const served = await servedNames(exchange.scope);
        const list = formatModels(served.map(({ listed }) => listed));
        exchange.sendJson(200, { ...list, data: list.data.map((entry) => supersetEntry(entry, served)) });
      },
    },
    {
      method: "GET",
      path: "/v1/models/{id}",
      access: "caller",
      inference: false,
      formatError: xinference.formatSharedError,
      async handler(exchange) {
        const served = await servedNames(exchange.scope);
        const entry = formatModel(
          served.map(({ listed }) => listed),
          exchange.parameter,
        );
        exchange.sendJson(200, supersetEntry(entry, served));
      },
    },
  ];
}

function listedAs({ adapters, modifiedAt, name }: KnownModel, scope: ModelScope): ListedModel {
  const adaptersOnly = !mayUse(scope, name, null);
  return { name, adapters: Object.keys(adapters), adaptersOnly, created: Math.floor(Date.parse(modifiedAt) / 1000) || 0 };
}

function supersetEntry(entry: ModelEntry, served: readonly ServedName[]): unknown {
  const { description, type } = served.find(({ listed }) => listed.name === (entry.parent ?? entry.id))!;
  const fields =
    description === null ? xinference.formatUnreadable(entry.id) : xinference.formatModelFields(entry.id, description, type);
  return { ...entry, ...fields };
}
