import { ArrieroError, type ModelDescription } from "@arriero/spec";
import { type ModelScope, mayUse, VisibleModels } from "./visible-models.ts";

/** A model of the store, as far as the gateway cares. */
export interface KnownModel {
  readonly name: string;
  /** Adapter name -> path. */
  readonly adapters: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly modifiedAt: string;
  readonly system: string | null;
  /** The publisher's defaults, in the words of Ollama's Modelfile. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Turns before every conversation. */
  readonly messages: readonly { readonly role: "system" | "user" | "assistant"; readonly content: string }[];
}

/** The model store, seen from here. */
export interface ModelCatalogue {
  /** The model of requests that name none. */
  readonly defaultModel?: string | undefined;
  list(): Promise<readonly KnownModel[]>;
  /** Throws model_not_found. */
  resolve(name: string): Promise<KnownModel>;
  /** What its file says. Throws model_not_found, gguf_invalid or gguf_truncated. */
  describe(name: string): Promise<ModelDescription>;
}

export interface ResolvedModel {
  readonly known: KnownModel;
  readonly model: string;
  readonly adapter: string | null;
}

const NAMES_LISTED = 10;

/**
 * The canonical names of what a request asks for. A request may name no model (""), or a model by its adapter's name
 * alone: see `namedByAdapter`. Throws model_not_found or adapter_not_found, each with what there is for this caller:
 * what is out of its scope is not there.
 */
export async function resolveModel(
  models: ModelCatalogue,
  asked: { readonly model: string; readonly adapter: string | null },
  scope: ModelScope,
): Promise<ResolvedModel> {
  if (scope.models === null) return resolveNames(models, asked);
  const visible = new VisibleModels(models, scope);
  const resolved = await resolveNames(visible, asked);
  // A model may be seen for one of its adapters alone.
  if (!mayUse(scope, resolved.model, resolved.adapter)) throw modelNotFound(resolved.model, await visible.list());
  return resolved;
}

async function resolveNames(
  models: ModelCatalogue,
  asked: { readonly model: string; readonly adapter: string | null },
): Promise<ResolvedModel> {
  const { adapter, model } = asked;
  if (model === "") return resolveUnnamed(models, adapter);
  const known = await find(models, model);
  if (known === null) {
    // The plus may belong to the name.
    const whole = adapter === null ? null : await find(models, `${model}+${adapter}`);
    if (whole !== null) return { known: whole, model: whole.name, adapter: null };
    const named = adapter === null ? await namedByAdapter(models, model) : null;
    if (named !== null) return named;
    throw modelNotFound(model, await models.list());
  }
  if (adapter !== null && !Object.hasOwn(known.adapters, adapter)) throw adapterNotFound(adapter, known);
  return { known, model: known.name, adapter };
}

/** LoRAX's clients name an adapter and no model, and the model's own name for the model without one. */
async function resolveUnnamed(models: ModelCatalogue, adapter: string | null): Promise<ResolvedModel> {
  const own = await defaultModel(models);
  if (adapter !== null && adapter !== own?.name) {
    const named = await namedByAdapter(models, adapter);
    if (named !== null) return named;
    if (own !== null) throw adapterNotFound(adapter, own);
  }
  if (own === null) throw noDefault(await models.list());
  return { known: own, model: own.name, adapter: null };
}

/** The model that a request without one means: the server's, or the only one there is; null where that is not clear. */
export async function defaultModel(models: ModelCatalogue): Promise<KnownModel | null> {
  const own = models.defaultModel === undefined ? null : await find(models, models.defaultModel);
  if (own !== null) return own;
  const [only, ...others] = await models.list();
  return only === undefined || others.length > 0 ? null : only;
}

/** The default model under this adapter, or else the one model that has it; null where none has. */
async function namedByAdapter(models: ModelCatalogue, adapter: string): Promise<ResolvedModel | null> {
  const owners = (await models.list()).filter(({ adapters }) => Object.hasOwn(adapters, adapter));
  const own = owners.length > 1 ? await defaultModel(models) : null;
  const [owner, ...others] = owners.some(({ name }) => name === own?.name) ? [own!] : owners;
  if (owner === undefined) return null;
  if (others.length === 0) return { known: owner, model: owner.name, adapter };
  const names = listed(owners.map(({ name }) => `${name}+${adapter}`));
  const message = `Several models have an adapter ${JSON.stringify(adapter)}. Name one of: ${names}.`;
  throw new ArrieroError("model_not_found", message, { param: "model" });
}

async function find(models: ModelCatalogue, name: string): Promise<KnownModel | null> {
  try {
    return await models.resolve(name);
  } catch (thrown) {
    if (thrown instanceof ArrieroError && thrown.code === "model_not_found") return null;
    throw thrown;
  }
}

function modelNotFound(name: string, all: readonly KnownModel[]): ArrieroError {
  const message = `There is no model ${JSON.stringify(name)} here. ${thereAre(all)}`;
  return new ArrieroError("model_not_found", message, { param: "model" });
}

function noDefault(all: readonly KnownModel[]): ArrieroError {
  const message = `The request names no model, and this server has no default among its models. ${thereAre(all)}`;
  return new ArrieroError("model_not_found", message, { param: "model" });
}

function adapterNotFound(adapter: string, { adapters, name }: KnownModel): ArrieroError {
  const names = Object.keys(adapters);
  const there = names.length === 0 ? "It has none." : `It has: ${listed(names)}.`;
  return new ArrieroError("adapter_not_found", `Model ${name} has no adapter ${JSON.stringify(adapter)}. ${there}`, {
    param: "model",
  });
}

function thereAre(all: readonly KnownModel[]): string {
  return all.length === 0 ? "There are none here." : `There are: ${listed(all.map((model) => model.name))}.`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_LISTED).join(", ");
  return names.length > NAMES_LISTED ? `${shown} and ${names.length - NAMES_LISTED} more` : shown;
}
