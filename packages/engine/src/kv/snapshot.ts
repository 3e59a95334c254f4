import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Runner } from "../runner/runner.ts";
import type { KvCache } from "./kv-cache.ts";

export interface SnapshotPlace {
  readonly folder: string;
  /** Bytes the files may take together. */
  readonly bytes: number;
  /** Model file, size, settings: cells of another model are worthless. */
  readonly fingerprint: string;
}

const MANIFEST = "manifest.json";
const OWN = /^(?:\d+\.kv|manifest\.json(?:\.new)?)$/;
const Manifest = z.object({
  fingerprint: z.string(),
  sequences: z
    .array(z.object({ file: z.string().regex(/^\d+\.kv$/), adapter: z.string(), bytes: z.int().min(1), sha256: z.string() }))
    .max(256),
});

function digest(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}

/**
 * Writes what rests in the cache, most recently used first, while it fits. The manifest comes last and by rename, so
 * a snapshot that was cut short is no snapshot. Returns the number of sequences.
 */
export function saveSnapshot(cache: KvCache, runner: Runner, place: SnapshotPlace): number {
  removeFiles(place.folder);
  mkdirSync(place.folder, { recursive: true, mode: 0o700 });
  const sequences: z.infer<typeof Manifest>["sequences"] = [];
  let bytes = 0;
  for (const { sequence, adapter, tokens } of cache.resting()) {
    const file = `${sequences.length}.kv`;
    const path = join(place.folder, file);
    const written = runner.save(path, sequence, tokens);
    bytes += written;
    // On a full disk the last bytes may get lost without a word from libllama.
    if (written === 0 || bytes > place.bytes || statSync(path).size !== written) {
      rmSync(path, { force: true });
      break;
    }
    sequences.push({ file, adapter, bytes: written, sha256: digest(path) });
  }
  const manifest: z.infer<typeof Manifest> = { fingerprint: place.fingerprint, sequences };
  writeFileSync(join(place.folder, `${MANIFEST}.new`), JSON.stringify(manifest));
  renameSync(join(place.folder, `${MANIFEST}.new`), join(place.folder, MANIFEST));
  return sequences.length;
}

/**
 * Reads a snapshot back, least recently used first, so that recency is as it was; then removes it. Files that do not
 * match their sum, and snapshots of another model, are left aside: the cache is only ever a shortcut.
 */
export function restoreSnapshot(cache: KvCache, place: SnapshotPlace): number {
  let restored = 0;
  try {
    const manifest = Manifest.parse(JSON.parse(readFileSync(join(place.folder, MANIFEST), "utf8")));
    // libllama does not survive every file: what ends this process must not be there for the next one.
    rmSync(join(place.folder, MANIFEST));
    if (manifest.fingerprint === place.fingerprint) {
      for (const { file, adapter, bytes, sha256 } of manifest.sequences.reverse()) {
        const path = join(place.folder, file);
        if (statSync(path).size === bytes && digest(path) === sha256 && cache.restore(adapter, path)) restored++;
      }
    }
  } catch {
    // No snapshot, or one that was cut short: start cold.
  }
  removeFiles(place.folder);
  return restored;
}

/** Whatever else lies in the folder is not ours to remove. */
function removeFiles(folder: string): void {
  for (const file of listFiles(folder)) if (OWN.test(file)) rmSync(join(folder, file), { force: true });
}

function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
