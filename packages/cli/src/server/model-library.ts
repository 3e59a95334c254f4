import type { ModelStore } from "@arriero/engine";
import type { ModelLibrary } from "@arriero/gateway";

/** Ollama keeps a model of Hugging Face under the name it was pulled by; its clients ask for it by that afterwards. */
const HUB_NAME = /^(?:hf\.co|huggingface\.co)\/[\w.-]+\/[\w.-]+(?::[\w.-]+)?$/i;

/** The store, as callers of the server may use it. */
export function modelLibrary(store: ModelStore): ModelLibrary {
  return {
    list: () => store.list(),
    resolve: (name) => store.resolve(name),
    describe: (name) => store.describe(name),
    pull: (reference, work) =>
      store.pull(reference, { ...work, publishersOnly: true, ...(HUB_NAME.test(reference) ? { name: reference } : {}) }),
    create: (name, recipe, work) => store.compose(name, { ...recipe, messages: [...recipe.messages] }, work),
    copy: (from, to) => store.copy(from, to),
    remove: (name) => store.remove(name),
    hasFile: (digest) => store.hasFile(digest),
    upload: (digest, bytes, options) => store.upload(digest, bytes, options),
  };
}
