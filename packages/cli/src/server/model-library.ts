import type { ModelStore } from "@arriero/engine";
import type { ModelLibrary } from "@arriero/gateway";
import { ArrieroError } from "@arriero/spec";
import type { PublishersFor } from "../config/config-schema.ts";

/** Ollama keeps a model of Hugging Face under the name it was pulled by; its clients ask for it by that afterwards. */
const HUB_NAME = /^(?:hf\.co|huggingface\.co)\/[\w.-]+\/[\w.-]+(?::[\w.-]+)?$/i;

/**
 * The store, as callers of the server may use it.
 * @param publishers with `pull` a model is made of models here alone, with `none` none is pulled either
 */
export function modelLibrary(store: ModelStore, publishers: PublishersFor): ModelLibrary {
  return {
    list: () => store.list(),
    resolve: (name) => store.resolve(name),
    describe: (name) => store.describe(name),
    async pull(reference, work) {
      if (publishers === "none") throw noPulls(reference);
      const name = HUB_NAME.test(reference) ? { name: reference } : {};
      return await store.pull(reference, { ...work, publishersOnly: true, ...name });
    },
    async create(name, recipe, work) {
      // Where the store does not have it, it would ask for it elsewhere: the name of it may be nobody's business there.
      if (publishers !== "any" && recipe.base.kind === "model") await here(store, recipe.base.name);
      return await store.compose(name, { ...recipe, messages: [...recipe.messages] }, work);
    },
    copy: (from, to) => store.copy(from, to),
    remove: (name) => store.remove(name),
    hasFile: (digest) => store.hasFile(digest),
    upload: (digest, bytes, options) => store.upload(digest, bytes, options),
  };
}

const MOST_SHOWN = 200;
const shown = (name: string): string => JSON.stringify(name.slice(0, MOST_SHOWN));

function noPulls(reference: string): ArrieroError {
  const message = `${shown(reference)} is not pulled: this server asks no publisher for models (library.publishers is none).`;
  return new ArrieroError("forbidden", message, { hint: "Use `arriero pull` on the machine itself." });
}

async function here(store: ModelStore, name: string): Promise<void> {
  try {
    await store.resolve(name);
  } catch (thrown) {
    if (!(thrown instanceof ArrieroError) || thrown.code !== "model_not_found") throw thrown;
    const message = `There is no model ${shown(name)} here, and no publisher is asked for what a model is made of.`;
    throw new ArrieroError("model_not_found", message, {
      param: "from",
      hint: "Name a model of `arriero list`; library.publishers says what asks publishers.",
    });
  }
}
