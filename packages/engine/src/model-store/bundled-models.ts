import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { nameSegment } from "./model-name.ts";
import { sha256File } from "./sha256-file.ts";
import type { StoredModel } from "./stored-model.ts";

/** The model that comes with Arriero. */
export const BUNDLED_NAME = "arriero-demo";

/** Reads the folder that holds `arriero-demo.gguf` and `adapters/NAME.gguf`; either may be absent. */
export class BundledModels {
  readonly #folder: string | null;
  /** The digest, for as long as the file stays the same. */
  #digest: { readonly file: string; readonly sha256: string } | null = null;

  constructor(folder: string | null) {
    this.#folder = folder;
  }

  /** The bundled model, or null where its file is absent. */
  async find(): Promise<StoredModel | null> {
    if (this.#folder === null) return null;
    const path = join(this.#folder, `${BUNDLED_NAME}.gguf`);
    const file = await stat(path).catch(() => null);
    if (file === null || !file.isFile()) return null;
    const identity = `${file.ino} ${file.size} ${file.mtimeMs}`;
    if (this.#digest?.file !== identity) this.#digest = { file: identity, sha256: await sha256File(path) };
    return {
      name: BUNDLED_NAME,
      path,
      sizeBytes: file.size,
      digest: `sha256:${this.#digest.sha256}`,
      modifiedAt: file.mtime.toISOString(),
      bundled: true,
      source: null,
      adapters: await this.#adapters(join(this.#folder, "adapters")),
      template: null,
      system: null,
      // The demo recites: its likeliest answer is the right one.
      parameters: { temperature: 0 },
      messages: [],
      license: null,
      notes: [],
    };
  }

  async #adapters(folder: string): Promise<Record<string, string>> {
    const files = await readdir(folder).catch(() => []);
    const adapters = files.filter((file) => file.endsWith(".gguf")).sort();
    return Object.fromEntries(adapters.map((file) => [nameSegment(file.slice(0, -".gguf".length)), join(folder, file)]));
  }
}
