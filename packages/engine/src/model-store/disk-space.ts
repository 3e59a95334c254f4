import { statfs } from "node:fs/promises";
import { ArrieroError } from "@arriero/spec";

/** Left free beside what is downloaded, so that manifests and logs can still be written. */
export const SPARE_BYTES = 64 * 1024 * 1024;

/** Bytes that an ordinary user may still write in `folder`. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Throws `disk_full` unless `bytes` more and the spare fit in `folder`. */
export function checkSpace(folder: string, bytes: number, free: number): void {
  const needed = bytes + SPARE_BYTES;
  if (free >= needed) return;
  throw new ArrieroError("disk_full", `${folder} needs ${inGibibytes(needed)} and has ${inGibibytes(free)} free`);
}

function inGibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GiB (${bytes} bytes)`;
}
