import { ArrieroError, type ModelDescription } from "@arriero/spec";

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

/** The canonical names of what a request asks for. Throws model_not_found or adapter_not_found, each with what there is. */
export async function resolveModel(
  models: ModelCatalogue,
  asked: { readonly model: string; readonly adapter: string | null },
): Promise<ResolvedModel> {
  const known = await find(models, asked.model);
  if (known === null) {
    // The plus may belong to the name.
    const whole = asked.adapter === null ? null : await find(models, `${asked.model}+${asked.adapter}`);
    if (whole !== null) return { known: whole, model: whole.name, adapter: null };
    throw modelNotFound(asked.model, await models.list());
  }
  if (asked.adapter !== null && !Object.hasOwn(known.adapters, asked.adapter)) throw adapterNotFound(asked.adapter, known);
  return { known, model: known.name, adapter: asked.adapter };
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
  const there = all.length === 0 ? "There are none here." : `There are: ${listed(all.map((model) => model.name))}.`;
  return new ArrieroError("model_not_found", `There is no model ${JSON.stringify(name)} here. ${there}`, { param: "model" });
}

function adapterNotFound(adapter: string, { adapters, name }: KnownModel): ArrieroError {
  const names = Object.keys(adapters);
  const there = names.length === 0 ? "It has none." : `It has: ${listed(names)}.`;
  return new ArrieroError("adapter_not_found", `Model ${name} has no adapter ${JSON.stringify(adapter)}. ${there}`, {
    param: "model",
  });
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_LISTED).join(", ");
  return names.length > NAMES_LISTED ? `${shown} and ${names.length - NAMES_LISTED} more` : shown;
}
