import { ArrieroError } from "@arriero/spec";
import type { KnownModel, ModelCatalogue } from "../models/known-models.ts";
import type { LibraryModel, ModelLibrary } from "./model-library.ts";

/** The library of a gateway that keeps no models itself: what there is can be looked at and not changed. */
export function readOnlyLibrary(models: ModelCatalogue): ModelLibrary {
  const refuse = async (): Promise<never> => {
    throw new ArrieroError("unsupported", "This server keeps no models of its own, so none can be added or removed here.", {
      hint: "Do it on the machine that serves them.",
    });
  };
  const shown = (model: KnownModel): LibraryModel => ({ ...model, sizeBytes: 0, digest: "", template: null, license: null });
  return {
    list: async () => (await models.list()).map(shown),
    resolve: async (name) => shown(await models.resolve(name)),
    describe: (name) => models.describe(name),
    hasFile: async () => false,
    pull: refuse,
    create: refuse,
    copy: refuse,
    remove: refuse,
    upload: refuse,
  };
}
