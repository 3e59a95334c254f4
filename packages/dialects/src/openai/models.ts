import { ArrieroError } from "@arriero/spec";
import { splitModelName } from "../model-name.ts";

/** A model as the list of models shows it. */
export interface ListedModel {
  readonly name: string;
  readonly adapters: readonly string[];
  /** Unix time in seconds. */
  readonly created: number;
}

export interface OpenAiModel {
  readonly id: string;
  readonly object: "model";
  readonly created: number;
  readonly owned_by: string;
  /** The model under an adapter; null for a model itself. */
  readonly parent: string | null;
}

/** GET /v1/models: each model, then the same with each of its adapters. */
export function formatModels(models: readonly ListedModel[]): { object: "list"; data: OpenAiModel[] } {
  return { object: "list", data: models.flatMap(entries) };
}

/** GET /v1/models/{id}. `:latest` may be left out. Throws model_not_found or adapter_not_found. */
export function formatModel(models: readonly ListedModel[], id: string): OpenAiModel {
  const all = models.flatMap(entries);
  const found = all.find((entry) => entry.id === id) ?? all.find((entry) => untagged(entry.id) === untagged(id));
  if (found !== undefined) return found;
  const { model, adapter } = splitModelName(id);
  if (adapter !== null && models.some(({ name }) => untagged(name) === untagged(model))) {
    throw new ArrieroError("adapter_not_found", `Model ${model} has no adapter ${adapter}.`, { param: "model" });
  }
  throw new ArrieroError("model_not_found", `There is no model ${id} here.`, { param: "model" });
}

function entries({ name, adapters, created }: ListedModel): OpenAiModel[] {
  const entry = (id: string, parent: string | null): OpenAiModel => ({
    id,
    object: "model",
    created,
    owned_by: "arriero",
    parent,
  });
  return [entry(name, null), ...adapters.map((adapter) => entry(`${name}+${adapter}`, name))];
}

function untagged(id: string): string {
  return id.replace(/:latest(?=$|\+)/, "");
}
