import { setTimeout as wait } from "node:timers/promises";
import { ArrieroError, type ModelDescription } from "@arriero/spec";
import { describeGguf } from "../gguf/describe-gguf.ts";
import { readGguf } from "../gguf/read-gguf.ts";
import { assembleModel, type ModelParts } from "./assemble-model.ts";
import { type Blob, BlobStore, type ObtainOptions } from "./blob-store.ts";
import { BundledModels } from "./bundled-models.ts";
import { freeBytes } from "./disk-space.ts";
import { DOWNLOAD_LIMITS } from "./download-context.ts";
import { HubHttp } from "./hub-http.ts";
import type { BrokenManifest } from "./manifest-folder.ts";
import { ModelBases, settingsOf } from "./model-base.ts";
import { publishedParameters } from "./model-parameters.ts";
import type { ModelRecipe } from "./model-recipe.ts";
import { ModelShelf, writableName } from "./model-shelf.ts";
import { parseModelfile } from "./modelfile.ts";
import { publisherClients, requirePublisher } from "./publisher-clients.ts";
import { pullError } from "./pull-error.ts";
import { type Publishers, planPull } from "./pull-plan.ts";
import { type PullProgress, throttled } from "./pull-progress.ts";
import { localPath, type ModelReference, parseReference, sourceText } from "./reference.ts";
import { blobPath, type StoreFolders, storeFolders } from "./store-folders.ts";
import type { ComposeOptions, ModelStoreOptions, PullOptions } from "./store-options.ts";
import type { StoredModel } from "./stored-model.ts";
import { UploadFolder, type UploadOptions } from "./upload-folder.ts";

/** A blob may be removed between its check and the manifest that names it; then the pull is planned anew. */
const PUBLISH_TRIES = 3;

/**
 * The models on this machine. Several processes may use one home at a time: every file appears whole or not at all,
 * and two never write the same download. Where the publisher tells the checksum, what one has brought the other takes.
 */
export class ModelStore {
  readonly #options: ModelStoreOptions;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #folders: StoreFolders;
  readonly #http: HubHttp;
  readonly #blobs: BlobStore;
  readonly #uploads: UploadFolder;
  readonly #shelf: ModelShelf;
  readonly #bases: ModelBases;
  readonly #now: () => number;

  constructor(options: ModelStoreOptions) {
    this.#options = options;
    this.#env = options.env ?? process.env;
    this.#now = options.now ?? Date.now;
    this.#folders = storeFolders(options.home);
    this.#http = new HubHttp({
      idleMs: options.download?.idleMs ?? DOWNLOAD_LIMITS.idleMs,
      now: this.#now,
      noProxy: this.#env.NO_PROXY ?? this.#env.no_proxy,
    });
    this.#blobs = new BlobStore({
      folders: this.#folders,
      http: this.#http,
      limits: options.download,
      now: this.#now,
      random: options.random ?? Math.random,
      sleep: options.sleep ?? (async (ms, signal) => void (await wait(ms, undefined, signal === undefined ? {} : { signal }))),
      freeBytes: options.freeBytes,
    });
    this.#uploads = new UploadFolder({
      folder: this.#folders.uploads,
      now: this.#now,
      freeBytes: options.freeBytes ?? freeBytes,
    });
    const parts = { folders: this.#folders, blobs: this.#blobs };
    this.#shelf = new ModelShelf({ ...parts, bundled: new BundledModels(options.bundledDir ?? null), now: this.#now });
    const publishers = (): Publishers => this.#publishers(undefined);
    this.#bases = new ModelBases({ ...parts, shelf: this.#shelf, uploads: this.#uploads, publishers });
  }

  /** All models by name, the bundled one first. A manifest that cannot be read is left out; see `problems`. */
  list(): Promise<StoredModel[]> {
    return this.#shelf.list();
  }

  /** The manifests that cannot be read, for `arriero doctor`. */
  problems(): Promise<BrokenManifest[]> {
    return this.#shelf.problems();
  }

  /** The model of that name; `:latest` may be left out. Throws `model_not_found`, `model_load_failed` (broken manifest). */
  resolve(name: string): Promise<StoredModel> {
    return this.#shelf.resolve(name);
  }

  /** What the model is, from its GGUF's header. */
  async describe(name: string): Promise<ModelDescription> {
    const model = await this.resolve(name);
    const header = await readGguf(model.path);
    const description = describeGguf(header, model.name, model.sizeBytes, Object.keys(model.adapters), model.template);
    const firstLine = model.license?.trim().split("\n")[0]?.slice(0, 80) ?? null;
    return { ...description, license: description.license ?? firstLine };
  }

  /**
   * Brings a model here: see `parseReference` for the forms. An interrupted pull of the same reference continues.
   * Throws `invalid_request`, `model_not_found`, `pull_failed`, `checksum_mismatch`, `disk_full`, `gguf_invalid`,
   * `gguf_truncated`, `unsupported`, `conflict` (the name is the bundled model's) or `cancelled`.
   */
  async pull(reference: string, options: PullOptions = {}): Promise<StoredModel> {
    const parsed = parseReference(reference);
    if (options.publishersOnly === true) requirePublisher(parsed, reference);
    if (options.name !== undefined) writableName(options.name);
    const what = sourceText(parsed);
    const report = throttled(options.onProgress, this.#now);
    try {
      options.signal?.throwIfAborted();
      await this.#blobs.prepare();
      await this.#blobs.forgetOldPartials();
      const stored = await this.#pull(parsed, what, options, report);
      report({ phase: "done", file: what, receivedBytes: stored.sizeBytes, totalBytes: stored.sizeBytes, resumedBytes: 0 });
      return stored;
    } catch (error) {
      throw pullError(error, what, options.signal);
    }
  }

  async #pull(
    parsed: ModelReference,
    what: string,
    options: PullOptions,
    report: (progress: PullProgress) => void,
  ): Promise<StoredModel> {
    for (let tries = 1; ; tries++) {
      report({ phase: "resolving", file: what, receivedBytes: 0, totalBytes: null, resumedBytes: 0 });
      const plan = await planPull(parsed, this.#publishers(options.token), options.signal);
      const name = writableName(options.name ?? plan.name);
      const obtain = { signal: options.signal, onProgress: report };
      const adapters: Record<string, string> = {};
      let model: Blob | null = null;
      for (const file of plan.files) {
        const blob = await this.#blobs.obtain(file, obtain);
        if (file.adapter === null) model = blob;
        else adapters[file.adapter] = blob.digest;
      }
      if (model === null) throw new ArrieroError("internal", `the plan for ${what} names no model file`);
      const published = await this.#shelf.publish({ ...plan.settings, name, ...model, source: what, adapters });
      if (published !== null) return published;
      if (tries >= PUBLISH_TRIES) throw new ArrieroError("conflict", `${what} was removed ${tries} times while it was pulled`);
    }
  }

  /**
   * Makes a model from a Modelfile. FROM names a model here, a file, or a reference that is pulled; its settings are
   * inherited where the Modelfile says nothing. Relative paths start at `baseDir`, default the working folder.
   */
  async create(
    name: string,
    modelfile: string,
    options: ComposeOptions & { baseDir?: string | undefined } = {},
  ): Promise<StoredModel> {
    const file = parseModelfile(modelfile);
    const baseDir = options.baseDir ?? process.cwd();
    const adapters = file.adapters.map((adapter) => ({
      name: adapter,
      obtain: (obtain: ObtainOptions) => this.#blobs.import(localPath(adapter, baseDir), "adapter", obtain),
    }));
    const base = (obtain: ObtainOptions) => this.#bases.ofModelfile(file.from, baseDir, obtain);
    return await this.#make(name, { settings: file, base, adapters }, options);
  }

  /**
   * Makes a model from parts that are named rather than read from this machine's folders: see `ModelRecipe`. Its
   * settings are inherited from the base where the recipe says nothing.
   */
  async compose(name: string, recipe: ModelRecipe, options: ComposeOptions = {}): Promise<StoredModel> {
    const { parameters, ignored } = publishedParameters(recipe.parameters);
    const settings = { ...recipe, parameters, ignoredParameters: ignored };
    const adapters = recipe.adapters.map(({ digest, name: adapter }) => ({
      name: adapter,
      obtain: (obtain: ObtainOptions) => this.#bases.uploaded(digest, "adapter", obtain),
    }));
    const base = (obtain: ObtainOptions) => this.#bases.ofRecipe(recipe.base, obtain);
    return await this.#make(name, { settings, base, adapters }, options);
  }

  async #make(name: string, parts: ModelParts, options: ComposeOptions): Promise<StoredModel> {
    const canonical = writableName(name);
    const obtain = { signal: options.signal, onProgress: throttled(options.onProgress, this.#now) };
    await this.#blobs.prepare();
    try {
      for (let tries = 1; ; tries++) {
        const made = await assembleModel(canonical, parts, obtain, (digest) => blobPath(this.#folders, digest));
        const published = await this.#shelf.publish(made);
        if (published !== null) return published;
        if (tries >= PUBLISH_TRIES)
          throw new ArrieroError("conflict", `the files of ${canonical} were removed ${tries} times while it was made`);
      }
    } catch (error) {
      throw pullError(error, canonical, options.signal);
    }
  }

  /** The same model under a second name; no bytes are copied. */
  async copy(from: string, to: string): Promise<StoredModel> {
    const name = writableName(to);
    const model = await this.resolve(from);
    await this.#blobs.prepare();
    const kept = await this.#shelf.files(model, { signal: undefined, onProgress: () => undefined });
    const published = await this.#shelf.publish({
      ...settingsOf(model),
      name,
      ...kept.model,
      source: model.source,
      adapters: kept.adapters,
    });
    if (published === null) throw new ArrieroError("conflict", `${model.name} was removed while it was copied`);
    return published;
  }

  /** Removes the name, and the files that no other model uses. Throws `model_not_found`, `conflict` for the bundled model. */
  async remove(name: string): Promise<void> {
    const canonical = writableName(name);
    await this.#blobs.prepare();
    await this.#shelf.remove(canonical);
  }

  /** Lets go of idle connections. */
  close(): Promise<void> {
    return this.#http.close();
  }

  /** Whether a file of that digest is here, be it a model's or one sent for a model to come. */
  async hasFile(digest: string): Promise<boolean> {
    return (await this.#blobs.has(digest)) || (await this.#uploads.has(digest));
  }

  /**
   * Keeps a file that a caller sends, for `compose` to name by its digest. Throws `checksum_mismatch`, `disk_full`,
   * or `cancelled` when the signal ends it.
   */
  async upload(digest: string, bytes: AsyncIterable<Uint8Array>, options: UploadOptions = {}): Promise<void> {
    await this.#blobs.prepare();
    if (!(await this.#blobs.has(digest))) await this.#uploads.keep(digest, bytes, options);
  }

  #publishers(token: string | undefined): Publishers {
    return publisherClients(this.#http, this.#options, this.#env, token);
  }
}
