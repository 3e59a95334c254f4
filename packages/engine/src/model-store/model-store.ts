import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { ArrieroError, type ModelDescription } from "@arriero/spec";
import { describeGguf } from "../gguf/describe-gguf.ts";
import { textValue } from "../gguf/gguf-header.ts";
import { readGguf } from "../gguf/read-gguf.ts";
import { type GgufRole, validateGguf } from "../gguf/validate-gguf.ts";
import { type Blob, BlobStore, type ObtainOptions } from "./blob-store.ts";
import { BUNDLED_NAME, BundledModels } from "./bundled-models.ts";
import { freeBytes } from "./disk-space.ts";
import { DOWNLOAD_LIMITS, type DownloadLimits } from "./download-context.ts";
import { HubHttp } from "./hub-http.ts";
import { HuggingFaceHub } from "./huggingface-hub.ts";
import { type BrokenManifest, ManifestFolder } from "./manifest-folder.ts";
import { isModelName, modelName, nameSegment } from "./model-name.ts";
import { publishedParameters } from "./model-parameters.ts";
import type { ModelRecipe } from "./model-recipe.ts";
import { type Modelfile, parseModelfile } from "./modelfile.ts";
import { OllamaRegistry } from "./ollama-registry.ts";
import { pullError } from "./pull-error.ts";
import { ignoredNote, jinjaOnly, type ModelSettings, NO_SETTINGS, planPull } from "./pull-plan.ts";
import { type PullProgress, throttled } from "./pull-progress.ts";
import { localPath, looksLikePath, type ModelReference, parseReference, sourceText } from "./reference.ts";
import { blobPath, type StoreFolders, storeFolders } from "./store-folders.ts";
import { withLock } from "./store-lock.ts";
import type { Manifest, StoredModel } from "./stored-model.ts";
import { UploadFolder, type UploadOptions } from "./upload-folder.ts";

const HUGGING_FACE = "https://huggingface.co";
const OLLAMA_REGISTRY = "https://registry.ollama.ai";
/** A blob may be removed between its check and the manifest that names it; then the pull is planned anew. */
const PUBLISH_TRIES = 3;

export interface ModelStoreOptions {
  /** `ARRIERO_HOME`: models lie in its folder `models`. */
  readonly home: string;
  /** Holds `arriero-demo.gguf` and `adapters/`. */
  readonly bundledDir?: string | undefined;
  /** Base URLs; default HF_ENDPOINT and OLLAMA_REGISTRY, then the public ones. */
  readonly hubs?: { readonly huggingface?: string | undefined; readonly ollama?: string | undefined } | undefined;
  readonly download?: Partial<DownloadLimits> | undefined;
  /** The environment read for HF_ENDPOINT, HF_TOKEN, OLLAMA_REGISTRY and NO_PROXY. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly now?: (() => number) | undefined;
  readonly random?: (() => number) | undefined;
  readonly sleep?: ((ms: number, signal: AbortSignal | undefined) => Promise<void>) | undefined;
  readonly freeBytes?: ((folder: string) => Promise<number>) | undefined;
}

export interface PullOptions {
  /** The name to keep it under; default: derived from the reference. */
  readonly name?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
  /** Sent to the publisher's own host alone; default for Hugging Face: HF_TOKEN. */
  readonly token?: string | undefined;
  /** Only hubs and registries: no path of this machine and no address of the asker's choice. */
  readonly publishersOnly?: boolean | undefined;
}

/** How `create` and `compose` are watched and stopped. */
export type ComposeOptions = Pick<PullOptions, "signal" | "onProgress">;

/**
 * The models on this machine. Several processes may use one home at a time: every file appears whole or not at all,
 * and two never write the same download. Where the publisher tells the checksum, what one has brought the other takes.
 */
export class ModelStore {
  readonly #options: ModelStoreOptions;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #folders: StoreFolders;
  readonly #manifests: ManifestFolder;
  readonly #bundled: BundledModels;
  readonly #http: HubHttp;
  readonly #blobs: BlobStore;
  readonly #uploads: UploadFolder;
  readonly #now: () => number;

  constructor(options: ModelStoreOptions) {
    this.#options = options;
    this.#env = options.env ?? process.env;
    this.#now = options.now ?? Date.now;
    this.#folders = storeFolders(options.home);
    this.#manifests = new ManifestFolder(this.#folders.manifests);
    this.#bundled = new BundledModels(options.bundledDir ?? null);
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
  }

  /** All models by name, the bundled one first. A manifest that cannot be read is left out; see `problems`. */
  async list(): Promise<StoredModel[]> {
    const bundled = await this.#bundled.find();
    const { manifests } = await this.#manifests.list();
    const stored = manifests.filter(({ name }) => name !== BUNDLED_NAME).map((manifest) => this.#stored(manifest));
    return [...(bundled === null ? [] : [bundled]), ...stored];
  }

  /** The manifests that cannot be read, for `arriero doctor`. */
  async problems(): Promise<BrokenManifest[]> {
    return (await this.#manifests.list()).broken;
  }

  /** The model of that name; `:latest` may be left out. Throws `model_not_found`, `model_load_failed` (broken manifest). */
  async resolve(name: string): Promise<StoredModel> {
    const canonical = name
      .trim()
      .toLowerCase()
      .replace(/:latest$/, "");
    if (canonical === BUNDLED_NAME) {
      const bundled = await this.#bundled.find();
      if (bundled !== null) return bundled;
    } else if (isModelName(canonical)) {
      const manifest = await this.#manifests.read(canonical);
      if (manifest !== null) return this.#stored(manifest);
    }
    throw new ArrieroError("model_not_found", `there is no model ${JSON.stringify(name.slice(0, 200))} on this machine`);
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
    if (options.name !== undefined) this.#writable(options.name);
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
      const name = this.#writable(options.name ?? plan.name);
      const obtain = { signal: options.signal, onProgress: report };
      const adapters: Record<string, string> = {};
      let model: Blob | null = null;
      for (const file of plan.files) {
        const blob = await this.#blobs.obtain(file, obtain);
        if (file.adapter === null) model = blob;
        else adapters[file.adapter] = blob.digest;
      }
      if (model === null) throw new ArrieroError("internal", `the plan for ${what} names no model file`);
      const published = await this.#publish({ ...plan.settings, name, ...model, source: what, adapters });
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
    return await this.#make(name, file, (obtain) => this.#base(file.from, baseDir, obtain), adapters, options);
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
      obtain: (obtain: ObtainOptions) => this.#uploaded(digest, "adapter", obtain),
    }));
    return await this.#make(name, settings, (obtain) => this.#recipeBase(recipe.base, obtain), adapters, options);
  }

  async #make(
    name: string,
    file: Omit<Modelfile, "from" | "adapters">,
    obtainBase: (obtain: ObtainOptions) => Promise<Base>,
    adapterFiles: readonly { readonly name: string; obtain(options: ObtainOptions): Promise<Blob> }[],
    options: ComposeOptions,
  ): Promise<StoredModel> {
    const canonical = this.#writable(name);
    const obtain = { signal: options.signal, onProgress: throttled(options.onProgress, this.#now) };
    await this.#blobs.prepare();
    try {
      for (let tries = 1; ; tries++) {
        const base = await obtainBase(obtain);
        const architecture = textValue(await readGguf(blobPath(this.#folders, base.model.digest)), "general.architecture");
        const adapters = { ...base.adapters };
        for (const adapter of adapterFiles) {
          const blob = await adapter.obtain(obtain);
          const own = textValue(await readGguf(blobPath(this.#folders, blob.digest)), "general.architecture");
          if (own !== architecture) {
            throw new ArrieroError(
              "invalid_request",
              `the adapter ${adapter.name} is for the architecture ${own}, the model's is ${architecture}`,
            );
          }
          adapters[adapterName(adapter.name)] = blob.digest;
        }
        const { template, notes } = jinjaOnly(file.template);
        const published = await this.#publish({
          name: canonical,
          ...base.model,
          source: base.source,
          adapters,
          template: template ?? base.settings.template,
          system: file.system ?? base.settings.system,
          parameters: { ...base.settings.parameters, ...file.parameters },
          messages: file.messages.length > 0 ? [...file.messages] : base.settings.messages,
          license: file.license ?? base.settings.license,
          notes: [...base.settings.notes, ...notes, ...ignoredNote(file.ignoredParameters)],
        });
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
    const name = this.#writable(to);
    const model = await this.resolve(from);
    await this.#blobs.prepare();
    const kept = await this.#keptFiles(model, { signal: undefined, onProgress: () => undefined });
    const published = await this.#publish({
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
    const canonical = this.#writable(name);
    await this.#blobs.prepare();
    await this.#exclusive(async () => {
      // A manifest that cannot be read can still be removed.
      const manifest = await this.#manifests.read(canonical).catch(() => null);
      if (!(await this.#manifests.remove(canonical))) {
        throw new ArrieroError("model_not_found", `there is no model ${canonical} on this machine`);
      }
      if (manifest !== null) await this.#removeUnused(digestsOf(manifest));
    });
  }

  /** Lets go of idle connections. */
  close(): Promise<void> {
    return this.#http.close();
  }

  /** Writes the manifest; null when one of its blobs was removed meanwhile. */
  async #publish(parts: Omit<Manifest, "schema" | "modifiedAt">): Promise<StoredModel | null> {
    return await this.#exclusive(async () => {
      const manifest: Manifest = { schema: 1, modifiedAt: new Date(this.#now()).toISOString(), ...parts };
      for (const digest of digestsOf(manifest)) if (!(await this.#blobs.has(digest))) return null;
      const before = await this.#manifests.read(manifest.name).catch(() => null);
      await this.#manifests.write(manifest);
      if (before !== null) await this.#removeUnused(digestsOf(before));
      return this.#stored(manifest);
    });
  }

  /** Where a manifest cannot be read nobody knows which blobs it uses, so none is removed. */
  async #removeUnused(digests: readonly string[]): Promise<void> {
    const { manifests, broken } = await this.#manifests.list();
    if (broken.length > 0) return;
    const used = new Set(manifests.flatMap(digestsOf));
    for (const digest of digests) if (!used.has(digest)) await this.#blobs.remove(digest);
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    return withLock(join(this.#folders.locks, "manifests.lock"), {}, work);
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

  async #recipeBase(base: ModelRecipe["base"], obtain: ObtainOptions): Promise<Base> {
    if (base.kind === "file") {
      const model = await this.#uploaded(base.digest, "model", obtain);
      return { model, adapters: {}, source: null, settings: NO_SETTINGS };
    }
    const known = await this.resolve(base.name).catch((error: unknown) => {
      if (error instanceof ArrieroError && error.code === "model_not_found") return null;
      throw error;
    });
    if (known !== null) return { ...(await this.#keptFiles(known, obtain)), source: known.source, settings: settingsOf(known) };
    const parsed = parseReference(base.name);
    requirePublisher(parsed, base.name);
    return await this.#pulledBase(parsed, obtain);
  }

  async #uploaded(digest: string, role: GgufRole, obtain: ObtainOptions): Promise<Blob> {
    const here = await this.#blobs.find(digest);
    if (here !== null) {
      await validateGguf(blobPath(this.#folders, digest), role);
      return here;
    }
    return await this.#blobs.import(await this.#uploads.path(digest), role, obtain);
  }

  async #pulledBase(parsed: ModelReference, obtain: ObtainOptions): Promise<Base> {
    const what = sourceText(parsed);
    const plan = await planPull(parsed, this.#publishers(undefined), obtain.signal);
    const blobs: [string | null, Blob][] = [];
    for (const file of plan.files) blobs.push([file.adapter, await this.#blobs.obtain(file, obtain)]);
    const model = blobs.find(([adapter]) => adapter === null)?.[1];
    if (model === undefined) throw new ArrieroError("internal", `the plan for ${what} names no model file`);
    const adapters = Object.fromEntries(blobs.flatMap(([adapter, blob]) => (adapter === null ? [] : [[adapter, blob.digest]])));
    return { model, adapters, source: what, settings: plan.settings };
  }

  async #base(from: string, baseDir: string, obtain: ObtainOptions): Promise<Base> {
    if (/^(hf|ollama|https?):/i.test(from) || /^(hf\.co|huggingface\.co)\//i.test(from)) {
      return await this.#pulledBase(parseReference(from, baseDir), obtain);
    }
    if (looksLikePath(from) || from.startsWith("file:")) {
      const parsed = parseReference(from, baseDir);
      const path = parsed.kind === "file" ? parsed.path : localPath(from, baseDir);
      return {
        model: await this.#blobs.import(path, "model", obtain),
        adapters: {},
        source: `file:${path}`,
        settings: NO_SETTINGS,
      };
    }
    const model = await this.resolve(from);
    return { ...(await this.#keptFiles(model, obtain)), source: model.source, settings: settingsOf(model) };
  }

  /** The files of a model as blobs; those of the bundled one are brought in first. */
  async #keptFiles(model: StoredModel, obtain: ObtainOptions): Promise<{ model: Blob; adapters: Record<string, string> }> {
    if (!model.bundled) {
      const manifest = await this.#manifests.read(model.name);
      return { model: { digest: model.digest, sizeBytes: model.sizeBytes }, adapters: manifest?.adapters ?? {} };
    }
    const adapters: Record<string, string> = {};
    for (const [name, path] of Object.entries(model.adapters))
      adapters[name] = (await this.#blobs.import(path, "adapter", obtain)).digest;
    return { model: await this.#blobs.import(model.path, "model", obtain), adapters };
  }

  /** The canonical form of a name that may be written. */
  #writable(name: string): string {
    const canonical = modelName(name);
    if (canonical === BUNDLED_NAME) {
      throw new ArrieroError("conflict", `${BUNDLED_NAME} comes with Arriero and cannot be replaced or removed`, {
        hint: "Choose another name.",
      });
    }
    return canonical;
  }

  #publishers(token: string | undefined): Parameters<typeof planPull>[1] {
    const { hubs } = this.#options;
    const huggingface = hubs?.huggingface ?? this.#env.HF_ENDPOINT ?? HUGGING_FACE;
    const ollama = hubs?.ollama ?? this.#env.OLLAMA_REGISTRY ?? OLLAMA_REGISTRY;
    return {
      http: this.#http,
      huggingface: new HuggingFaceHub(this.#http, huggingface, token ?? (this.#env.HF_TOKEN || null)),
      ollama: new OllamaRegistry(this.#http, ollama, token ?? null),
    };
  }

  #stored(manifest: Manifest): StoredModel {
    const { schema: _, adapters, ...rest } = manifest;
    const paths = Object.entries(adapters).map(([name, digest]) => [name, blobPath(this.#folders, digest)] as const);
    return { ...rest, path: blobPath(this.#folders, manifest.digest), bundled: false, adapters: Object.fromEntries(paths) };
  }
}

function requirePublisher(reference: ModelReference, asked: string): void {
  if (reference.kind === "huggingface" || reference.kind === "ollama") return;
  const what = reference.kind === "file" ? "a file of this machine" : "an address of your choice";
  throw new ArrieroError("unsupported", `${JSON.stringify(asked.slice(0, 200))} names ${what}, which is not read for callers`, {
    hint: "Name a model of Hugging Face or of the Ollama registry, or use `arriero pull` on the machine itself.",
  });
}

/** An adapter is named for its file. */
function adapterName(file: string): string {
  const base = file.split(/[/\\]/).at(-1) ?? file;
  return nameSegment(base.replace(/\.gguf$/i, ""));
}

interface Base {
  readonly model: Blob;
  readonly adapters: Record<string, string>;
  readonly source: string | null;
  readonly settings: ModelSettings;
}

function settingsOf(model: StoredModel): ModelSettings {
  const { template, system, parameters, messages, license, notes } = model;
  return { template, system, parameters: { ...parameters }, messages, license, notes: [...notes] };
}

function digestsOf(manifest: Manifest): string[] {
  return [manifest.digest, ...Object.values(manifest.adapters)];
}
