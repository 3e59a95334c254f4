import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ModelStore } from "../model-store.ts";
import type { ModelStoreOptions } from "../store-options.ts";

/** A store in a folder of its own, with parts small enough that tiny models have several, and no waiting. */
export interface TestStore {
  readonly home: string;
  readonly store: ModelStore;
  /** What the store slept, in milliseconds. */
  readonly slept: number[];
  /** Names of the files in `models/FOLDER`. */
  files(folder: "blobs" | "manifests" | "partial" | "locks"): Promise<string[]>;
  remove(): Promise<void>;
}

export async function testStore(options: Partial<ModelStoreOptions> = {}): Promise<TestStore> {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), "arriero-store-")));
  const slept: number[] = [];
  const store = new ModelStore({
    home,
    env: {},
    random: () => 0.5,
    sleep: async (ms) => void slept.push(ms),
    ...options,
    download: { partBytes: 64 * 1024, journalBytes: 1, ...options.download },
  });
  return {
    home,
    store,
    slept,
    files: async (folder) => (await readdir(join(home, "models", folder)).catch(() => [])).sort(),
    remove: async () => {
      await store.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
