import { ArrieroError } from "@arriero/spec";
import { type GgufRole, validateGguf } from "../gguf/validate-gguf.ts";
import type { Blob, BlobStore, ObtainOptions } from "./blob-store.ts";
import type { ModelRecipe } from "./model-recipe.ts";
import type { ModelShelf } from "./model-shelf.ts";
import { requirePublisher } from "./publisher-clients.ts";
import { type ModelSettings, NO_SETTINGS, type Publishers, planPull } from "./pull-plan.ts";
import { localPath, looksLikePath, type ModelReference, parseReference, sourceText } from "./reference.ts";
import { blobPath, type StoreFolders } from "./store-folders.ts";
import type { StoredModel } from "./stored-model.ts";
import type { UploadFolder } from "./upload-folder.ts";

/** What a new model is made of: weights, adapters by name, and the settings that it inherits. */
export interface ModelBase {
  readonly model: Blob;
  readonly adapters: Record<string, string>;
  readonly source: string | null;
  readonly settings: ModelSettings;
}

export interface ModelBasesOptions {
  readonly folders: StoreFolders;
  readonly shelf: ModelShelf;
  readonly blobs: BlobStore;
  readonly uploads: UploadFolder;
  publishers(): Publishers;
}

/** Finds what a model is to be made of, and brings it here. */
export class ModelBases {
  readonly #options: ModelBasesOptions;

  constructor(options: ModelBasesOptions) {
    this.#options = options;
  }

  /** What FROM names: a model here, a file, or a reference that is pulled. */
  async ofModelfile(from: string, baseDir: string, obtain: ObtainOptions): Promise<ModelBase> {
    if (/^(hf|ollama|https?):/i.test(from) || /^(hf\.co|huggingface\.co)\//i.test(from)) {
      return await this.#pulled(parseReference(from, baseDir), obtain);
    }
    if (looksLikePath(from) || from.startsWith("file:")) {
      const parsed = parseReference(from, baseDir);
      const path = parsed.kind === "file" ? parsed.path : localPath(from, baseDir);
      return {
        model: await this.#options.blobs.import(path, "model", obtain),
        adapters: {},
        source: `file:${path}`,
        settings: NO_SETTINGS,
      };
    }
    return await this.#stored(await this.#options.shelf.resolve(from), obtain);
  }

  /** A file that was sent, a model here, or one of a publisher: nothing else of this machine is read for callers. */
  async ofRecipe(base: ModelRecipe["base"], obtain: ObtainOptions): Promise<ModelBase> {
    if (base.kind === "file") {
      const model = await this.uploaded(base.digest, "model", obtain);
      return { model, adapters: {}, source: null, settings: NO_SETTINGS };
    }
    const known = await this.#options.shelf.resolve(base.name).catch((error: unknown) => {
      if (error instanceof ArrieroError && error.code === "model_not_found") return null;
      throw error;
    });
    if (known !== null) return await this.#stored(known, obtain);
    const parsed = parseReference(base.name);
    requirePublisher(parsed, base.name);
    return await this.#pulled(parsed, obtain);
  }

  /** A file that was sent, or is here as a blob. */
  async uploaded(digest: string, role: GgufRole, obtain: ObtainOptions): Promise<Blob> {
    const { blobs, folders, uploads } = this.#options;
    const here = await blobs.find(digest);
    if (here !== null) {
      await validateGguf(blobPath(folders, digest), role);
      return here;
    }
    return await blobs.import(await uploads.path(digest), role, obtain);
  }

  async #stored(model: StoredModel, obtain: ObtainOptions): Promise<ModelBase> {
    return { ...(await this.#options.shelf.files(model, obtain)), source: model.source, settings: settingsOf(model) };
  }

  async #pulled(parsed: ModelReference, obtain: ObtainOptions): Promise<ModelBase> {
    const { blobs, publishers } = this.#options;
    const what = sourceText(parsed);
    const plan = await planPull(parsed, publishers(), obtain.signal);
    const obtained: [string | null, Blob][] = [];
    for (const file of plan.files) obtained.push([file.adapter, await blobs.obtain(file, obtain)]);
    const model = obtained.find(([adapter]) => adapter === null)?.[1];
    if (model === undefined) throw new ArrieroError("internal", `the plan for ${what} names no model file`);
    const adapters = Object.fromEntries(
      obtained.flatMap(([adapter, blob]) => (adapter === null ? [] : [[adapter, blob.digest]])),
    );
    return { model, adapters, source: what, settings: plan.settings };
  }
}

export function settingsOf(model: StoredModel): ModelSettings {
  const { template, system, parameters, messages, license, notes } = model;
  return { template, system, parameters: { ...parameters }, messages, license, notes: [...notes] };
}
