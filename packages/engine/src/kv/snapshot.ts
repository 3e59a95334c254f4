import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { KvCache } from "./kv-cache.ts";
import type { ParkedPrefix } from "./parked-prefixes.ts";

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
    .array(z.object({ file: z.string().regex(/^\d+\.kv$/), adapter: z.string(), tokens: z.int().min(1), sha256: z.string() }))
    .max(2048),
});

/**
 * Writes the idle prefixes, most recently used first, while they fit. The manifest comes last and by rename, so a
 * snapshot that was cut short is no snapshot. Returns the number of prefixes.
 */
export function saveSnapshot(cache: KvCache, place: SnapshotPlace): number {
  removeFiles(place.folder);
  mkdirSync(place.folder, { recursive: true, mode: 0o700 });
  const sequences: z.infer<typeof Manifest>["sequences"] = [];
  let bytes = 0;
  for (const prefix of cache.idle()) {
    const parts = fileParts(prefix);
    bytes += parts.reduce((sum, part) => sum + part.length, 0);
    if (bytes > place.bytes) break;
    const file = `${sequences.length}.kv`;
    if (!writeParts(join(place.folder, file), parts)) break;
    sequences.push({ file, adapter: prefix.adapter, tokens: prefix.tokens.length, sha256: digest(parts) });
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
      for (const { file, adapter, sha256, tokens } of manifest.sequences.reverse()) {
        const bytes = readFileSync(join(place.folder, file));
        if (bytes.length <= tokens * 4 || digest([bytes]) !== sha256) continue;
        if (cache.restore({ adapter, ...splitFile(bytes, tokens) })) restored++;
      }
    }
  } catch {
    // No snapshot, or one that was cut short: start cold.
  }
  removeFiles(place.folder);
  return restored;
}

/** A file is the token ids as int32 of this machine's order, then the cells. */
function fileParts({ cells, tokens }: ParkedPrefix): Uint8Array[] {
  return [new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength), cells];
}

function splitFile(bytes: Buffer, tokens: number): { tokens: Int32Array; cells: Uint8Array } {
  const ids = Uint8Array.from(bytes.subarray(0, tokens * 4));
  return { tokens: new Int32Array(ids.buffer), cells: bytes.subarray(tokens * 4) };
}

/** False where the disk is full: what was written of the file is removed. */
function writeParts(path: string, parts: readonly Uint8Array[]): boolean {
  const file = openSync(path, "w", 0o600);
  try {
    for (const part of parts) for (let at = 0; at < part.length; ) at += writeSync(file, part, at);
    return true;
  } catch {
    rmSync(path, { force: true });
    return false;
  } finally {
    closeSync(file);
  }
}

function digest(parts: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
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
