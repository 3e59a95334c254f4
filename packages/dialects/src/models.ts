import { ArrieroError } from "@arriero/spec";
import { splitModelName } from "./model-name.ts";

/** A model as the list of models shows it. */
export interface ListedModel {
  readonly name: string;
  readonly adapters: readonly string[];
  /** The caller may use it under its adapters and not by itself. */
  readonly adaptersOnly?: boolean;
  /** Unix time in seconds. */
  readonly created: number;
}

/**
 * What GET /v1/models has in it, for the clients of every dialect that asks there: OpenAI's read `object` to `owned_by`,
 * Anthropic's `type` to `created_at`.
 */
export interface ModelEntry {
  readonly id: string;
  readonly object: "model";
  /** Unix time in seconds. */
  readonly created: number;
  readonly owned_by: string;
  /** The model under an adapter; null for a model itself. */
  readonly parent: string | null;
  readonly type: "model";
  readonly display_name: string;
  /** The same time as `created`, in RFC 3339. */
  readonly created_at: string;
}

/** One page that has them all. */
export interface ModelList {
  readonly object: "list";
  readonly data: readonly ModelEntry[];
  readonly has_more: false;
  /** Null where there are none. */
  readonly first_id: string | null;
  readonly last_id: string | null;
}

/** GET /v1/models: each model, then the same with each of its adapters. */
export function formatModels(models: readonly ListedModel[]): ModelList {
  const data = models.flatMap(entries);
  return { object: "list", data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
}

/** GET /v1/models/{id}. `:latest` may be left out. Throws model_not_found or adapter_not_found. */
export function formatModel(models: readonly ListedModel[], id: string): ModelEntry {
  const all = models.flatMap(entries);
  const found = all.find((entry) => entry.id === id) ?? all.find((entry) => untagged(entry.id) === untagged(id));
  if (found !== undefined) return found;
  const { model, adapter } = splitModelName(id);
  if (adapter !== null && models.some(({ name }) => untagged(name) === untagged(model))) {
    throw new ArrieroError("adapter_not_found", `Model ${model} has no adapter ${adapter}.`, { param: "model" });
  }
  throw new ArrieroError("model_not_found", `There is no model ${id} here.`, { param: "model" });
}

function entries({ name, adapters, adaptersOnly, created }: ListedModel): ModelEntry[] {
  const entry = (id: string, parent: string | null): ModelEntry => ({
    id,
    object: "model",
    created,
    owned_by: "arriero",
    parent,
    type: "model",
    display_name: id,
    created_at: new Date(created * 1000).toISOString(),
  });
  return [...(adaptersOnly ? [] : [entry(name, null)]), ...adapters.map((adapter) => entry(`${name}+${adapter}`, name))];
}

function untagged(id: string): string {
  return id.replace(/:latest(?=$|\+)/, "");
}
