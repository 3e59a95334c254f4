import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { ArrieroError } from "@arriero/spec";
import { writeFileAtomic } from "./atomic-file.ts";
import { manifestFile, nameOfManifestFile } from "./model-name.ts";
import { Manifest } from "./stored-model.ts";

/** A manifest that cannot be read, and why. */
export interface BrokenManifest {
  readonly name: string;
  readonly error: ArrieroError;
}

/** The folder of manifests: one JSON file a model. */
export class ManifestFolder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Null where there is none. Throws `model_load_failed` where there is one that cannot be read. */
  async read(name: string): Promise<Manifest | null> {
    const path = this.#path(name);
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
      throw broken(name, path, error);
    }
    try {
      const manifest = Manifest.parse(JSON.parse(text));
      if (manifest.name !== name) throw new Error(`it is the manifest of ${manifest.name}`);
      return manifest;
    } catch (error) {
      throw broken(name, path, error);
    }
  }

  write(manifest: Manifest): Promise<void> {
    return writeFileAtomic(this.#path(manifest.name), `${JSON.stringify(Manifest.parse(manifest), null, 2)}\n`);
  }

  /** True where there was one. */
  async remove(name: string): Promise<boolean> {
    try {
      await rm(this.#path(name));
      return true;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
      throw error;
    }
  }

  /** All of them by name; those that cannot be read stand apart and break nothing. */
  async list(): Promise<{ manifests: Manifest[]; broken: BrokenManifest[] }> {
    const files = await readdir(this.#folder).catch(() => []);
    const manifests: Manifest[] = [];
    const broken: BrokenManifest[] = [];
    for (const file of files.sort()) {
      const name = nameOfManifestFile(file);
      if (name === null) continue;
      try {
        const manifest = await this.read(name);
        if (manifest !== null) manifests.push(manifest);
      } catch (error) {
        broken.push({ name, error: ArrieroError.wrap(error) });
      }
    }
    return { manifests, broken };
  }

  #path(name: string): string {
    return join(this.#folder, manifestFile(name));
  }
}

function broken(name: string, path: string, cause: unknown): ArrieroError {
  const reason = cause instanceof Error ? cause.message.replace(/\s+/g, " ").slice(0, 300) : String(cause);
  return new ArrieroError("model_load_failed", `the manifest of ${name} (${path}) cannot be read: ${reason}`, {
    hint: `Remove it with \`arriero rm ${name}\` and pull the model again.`,
    cause,
  });
}
