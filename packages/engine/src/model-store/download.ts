import { ArrieroError } from "@arriero/spec";
import { checkSpace } from "./disk-space.ts";
import type { DownloadContext } from "./download-context.ts";
import { DownloadJournal, discardPartial, type JournalHead, type PartialFiles, partialFiles } from "./download-journal.ts";
import { ask, contentRange, FileChanged, linkedSha256, retrying, validatorOf } from "./download-request.ts";
import { type Fetched, fetchParts } from "./fetch-parts.ts";
import { fetchStream } from "./fetch-stream.ts";
import type { RemoteFile } from "./remote-file.ts";
import { sha256File } from "./sha256-file.ts";

/** A whole file, its checksum right, still in the folder for partial downloads. */
export interface Downloaded {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Removes what is left of it there. */
  discard(): Promise<void>;
}

/**
 * Brings `file` to disk: in parallel ranges where the server has them, continuing an interrupted download, from the
 * start where the file changed meanwhile. The caller holds the lock on `file.key`.
 * Throws ArrieroError (`checksum_mismatch`, `disk_full`, `gguf_invalid` when the first bytes are no GGUF) or what the
 * last failed try threw.
 */
export async function download(file: RemoteFile, context: DownloadContext): Promise<Downloaded> {
  const files = partialFiles(context.folder, file.key);
  for (let restarts = 0; ; restarts++) {
    try {
      const fetched = await fetchWhole(file, files, context);
      const sha256 = await verify(file, files, fetched, context);
      if (sha256 !== null)
        return { path: files.data, sha256, sizeBytes: fetched.totalBytes, discard: () => discardPartial(files) };
    } catch (error) {
      if (error instanceof ArrieroError && error.code === "gguf_invalid") await discardPartial(files);
      if (!(error instanceof FileChanged)) throw error;
      await discardPartial(files);
    }
    if (restarts >= context.limits.restarts) {
      throw new ArrieroError("pull_failed", `${file.name} changed at its source ${restarts + 1} times while it was downloaded`);
    }
  }
}

async function fetchWhole(file: RemoteFile, files: PartialFiles, context: DownloadContext): Promise<Fetched> {
  const resumed = await resumable(file, files, context);
  if (resumed !== null) return await fetchParts(file, resumed, null, context);

  const first = await retrying(context, () =>
    ask(file, context, context.signal, { range: `bytes=0-${context.limits.partBytes - 1}` }),
  );
  if (first.status === 200) return await fetchStream(file, files, first, context);
  const totalBytes = contentRange(first.headers)?.total ?? null;
  if (totalBytes === null) throw context.http.statusError(first);
  const sha256 = file.sha256 ?? linkedSha256(first.firstHeaders);
  const head: JournalHead = {
    totalBytes,
    partBytes: context.limits.partBytes,
    validator: sha256 === null ? validatorOf(first.headers) : null,
    sha256,
  };
  try {
    checkSpace(context.folder, totalBytes, await context.freeBytes(context.folder));
  } catch (error) {
    first.body.on("error", () => undefined).destroy();
    throw error;
  }
  const journal = await DownloadJournal.create(files, head, context.limits, context.now);
  return await fetchParts(file, journal, first, context);
}

/** The interrupted download of this very file, when there is one. */
async function resumable(file: RemoteFile, files: PartialFiles, context: DownloadContext): Promise<DownloadJournal | null> {
  const journal = await DownloadJournal.resume(files, context.limits, context.now);
  if (journal === null) return null;
  const { sha256, validator, totalBytes } = journal.head;
  // Without checksum or validator nothing tells whether the rest belongs to the same file.
  const same = file.sha256 === null ? sha256 !== null || validator !== null : sha256 === file.sha256;
  if (same && (file.sizeBytes === null || file.sizeBytes === totalBytes)) {
    const missing = totalBytes - journal.receivedBytes;
    checkSpace(context.folder, missing, await context.freeBytes(context.folder));
    return journal;
  }
  await journal.close();
  return null;
}

/** The checksum, or null when bytes of an earlier run were wrong and the download must start over. */
async function verify(file: RemoteFile, files: PartialFiles, fetched: Fetched, context: DownloadContext): Promise<string | null> {
  const { totalBytes, resumedBytes } = fetched;
  const actual = await sha256File(files.data, {
    signal: context.signal,
    onBytes: (receivedBytes) =>
      context.onProgress({ phase: "verifying", file: file.name, receivedBytes, totalBytes, resumedBytes }),
  });
  const expected = file.sha256 ?? fetched.sha256;
  if (expected === null || expected === actual) return actual;
  await discardPartial(files);
  if (resumedBytes > 0) return null;
  throw new ArrieroError("checksum_mismatch", `${file.name} has sha256 ${actual}, its publisher says ${expected}`, {
    hint: "The bytes were damaged on the way or changed at the source, and were removed; pull again.",
  });
}
