import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

const CHUNK_BYTES = 1024 * 1024;

/** The SHA-256 of a file in hex. `onBytes` is told how many bytes were read so far. */
export async function sha256File(
  path: string,
  options: { signal?: AbortSignal | undefined; onBytes?: (total: number) => void } = {},
): Promise<string> {
  const hash = createHash("sha256");
  let total = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
    options.signal?.throwIfAborted();
    hash.update(chunk);
    total += chunk.length;
    options.onBytes?.(total);
  }
  return hash.digest("hex");
}
