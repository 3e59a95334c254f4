import { ArrieroError, type ModelDescription } from "@arriero/spec";
import { allowsModel, type KeyScope } from "@arriero/store";
import type { KnownModel, ModelCatalogue } from "./known-models.ts";

/** What a caller may use: names and patterns of `MODEL` and `MODEL+ADAPTER`; null: all. */
export type ModelScope = Pick<KeyScope, "models">;

/** Whether `model`, under `adapter` where one is named, is within the scope. */
export function mayUse(scope: ModelScope, model: string, adapter: string | null): boolean {
  const behind = adapter === null ? "" : `+${adapter}`;
  // The tag `latest` may be left out in patterns as everywhere.
  return allowsModel(scope, model + behind) || allowsModel(scope, model.replace(/:latest$/, "") + behind);
}

/** The model as the caller may see it: without the adapters out of its scope. null: it may use nothing of it. */
export function visiblePart<T extends KnownModel>(model: T, scope: ModelScope): T | null {
  const adapters = Object.entries(model.adapters).filter(([name]) => mayUse(scope, model.name, name));
  if (adapters.length === 0 && !mayUse(scope, model.name, null)) return null;
  return { ...model, adapters: Object.fromEntries(adapters) };
}

/**
 * The catalogue as one caller sees it. What is out of its scope is answered as if it were not there, so that a key does
 * not tell what else a server has.
 */
export class VisibleModels implements ModelCatalogue {
  readonly #all: ModelCatalogue;
  readonly #scope: ModelScope;

  constructor(all: ModelCatalogue, scope: ModelScope) {
    this.#all = all;
    this.#scope = scope;
  }

  get defaultModel(): string | undefined {
    return this.#all.defaultModel;
  }

  async list(): Promise<readonly KnownModel[]> {
    return (await this.#all.list()).flatMap((model) => visiblePart(model, this.#scope) ?? []);
  }

  async resolve(name: string): Promise<KnownModel> {
    const visible = visiblePart(await this.#all.resolve(name), this.#scope);
    if (visible === null) throw new ArrieroError("model_not_found", `There is no model ${JSON.stringify(name)} here.`);
    return visible;
  }

  async describe(name: string): Promise<ModelDescription> {
    await this.resolve(name);
    return this.#all.describe(name);
  }
}
