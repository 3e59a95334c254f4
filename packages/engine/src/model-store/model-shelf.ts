import { join } from "node:path";
import { ArrieroError } from "@arriero/spec";
import type { Blob, BlobStore, ObtainOptions } from "./blob-store.ts";
import { BUNDLED_NAME, type BundledModels } from "./bundled-models.ts";
import { type BrokenManifest, ManifestFolder } from "./manifest-folder.ts";
import { isModelName, modelName } from "./model-name.ts";
import { blobPath, type StoreFolders } from "./store-folders.ts";
import { withLock } from "./store-lock.ts";
import type { Manifest, StoredModel } from "./stored-model.ts";

export interface ModelShelfOptions {
  readonly folders: StoreFolders;
  readonly bundled: BundledModels;
  readonly blobs: BlobStore;
  readonly now: () => number;
}

/** The models that have a name here: their manifests, one at a time, and the blobs that these use. */
export class ModelShelf {
  readonly #options: ModelShelfOptions;
  readonly #manifests: ManifestFolder;

  constructor(options: ModelShelfOptions) {
    this.#options = options;
    this.#manifests = new ManifestFolder(options.folders.manifests);
  }

  /** All models by name, the bundled one first. A manifest that cannot be read is left out; see `problems`. */
  async list(): Promise<StoredModel[]> {
    const bundled = await this.#options.bundled.find();
    const { manifests } = await this.#manifests.list();
    const stored = manifests.filter(({ name }) => name !== BUNDLED_NAME).map((manifest) => this.#stored(manifest));
    return [...(bundled === null ? [] : [bundled]), ...stored];
  }

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
      const bundled = await this.#options.bundled.find();
      if (bundled !== null) return bundled;
    } else if (isModelName(canonical)) {
      const manifest = await this.#manifests.read(canonical);
      if (manifest !== null) return this.#stored(manifest);
    }
    throw new ArrieroError("model_not_found", `there is no model ${JSON.stringify(name.slice(0, 200))} on this machine`);
  }

  /** Writes the manifest; null when one of its blobs was removed meanwhile. */
  async publish(parts: Omit<Manifest, "schema" | "modifiedAt">): Promise<StoredModel | null> {
    const { blobs, now } = this.#options;
    return await this.#exclusive(async () => {
      const manifest: Manifest = { schema: 1, modifiedAt: new Date(now()).toISOString(), ...parts };
      for (const digest of digestsOf(manifest)) if (!(await blobs.has(digest))) return null;
      const before = await this.#manifests.read(manifest.name).catch(() => null);
      await this.#manifests.write(manifest);
      if (before !== null) await this.#removeUnused(digestsOf(before));
      return this.#stored(manifest);
    });
  }

  /** Removes the name, and the files that no other model uses. Throws `model_not_found`. */
  async remove(canonical: string): Promise<void> {
    await this.#exclusive(async () => {
      // A manifest that cannot be read can still be removed.
      const manifest = await this.#manifests.read(canonical).catch(() => null);
      if (!(await this.#manifests.remove(canonical))) {
        throw new ArrieroError("model_not_found", `there is no model ${canonical} on this machine`);
      }
      if (manifest !== null) await this.#removeUnused(digestsOf(manifest));
    });
  }

  /** The files of a model as blobs; those of the bundled one are brought in first. */
  async files(model: StoredModel, obtain: ObtainOptions): Promise<{ model: Blob; adapters: Record<string, string> }> {
    const { blobs } = this.#options;
    if (!model.bundled) {
      const manifest = await this.#manifests.read(model.name);
      return { model: { digest: model.digest, sizeBytes: model.sizeBytes }, adapters: manifest?.adapters ?? {} };
    }
    const adapters: Record<string, string> = {};
    for (const [name, path] of Object.entries(model.adapters))
      adapters[name] = (await blobs.import(path, "adapter", obtain)).digest;
    return { model: await blobs.import(model.path, "model", obtain), adapters };
  }

  /** Where a manifest cannot be read nobody knows which blobs it uses, so none is removed. */
  async #removeUnused(digests: readonly string[]): Promise<void> {
    const { manifests, broken } = await this.#manifests.list();
    if (broken.length > 0) return;
    const used = new Set(manifests.flatMap(digestsOf));
    for (const digest of digests) if (!used.has(digest)) await this.#options.blobs.remove(digest);
  }

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    return withLock(join(this.#options.folders.locks, "manifests.lock"), {}, work);
  }

  #stored(manifest: Manifest): StoredModel {
    const { folders } = this.#options;
    const { schema: _, adapters, ...rest } = manifest;
    const paths = Object.entries(adapters).map(([name, digest]) => [name, blobPath(folders, digest)] as const);
    return { ...rest, path: blobPath(folders, manifest.digest), bundled: false, adapters: Object.fromEntries(paths) };
  }
}

/** The canonical form of a name that may be written. Throws `conflict` for the bundled model's. */
export function writableName(name: string): string {
  const canonical = modelName(name);
  if (canonical === BUNDLED_NAME) {
    throw new ArrieroError("conflict", `${BUNDLED_NAME} comes with Arriero and cannot be replaced or removed`, {
      hint: "Choose another name.",
    });
  }
  return canonical;
}

function digestsOf(manifest: Manifest): string[] {
  return [manifest.digest, ...Object.values(manifest.adapters)];
}
