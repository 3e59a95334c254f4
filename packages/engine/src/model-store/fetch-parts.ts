import type { DownloadContext } from "./download-context.ts";
import type { DownloadJournal } from "./download-journal.ts";
import { ask, CutShort, checkMagic, contentRange, FileChanged, retrying, validatorOf } from "./download-request.ts";
import type { HubResponse } from "./hub-http.ts";
import type { RemoteFile } from "./remote-file.ts";

/** Bytes on disk, those of an earlier run among them, and the checksum that the server told. */
export interface Fetched {
  readonly totalBytes: number;
  readonly resumedBytes: number;
  readonly sha256: string | null;
}

/**
 * Fetches the missing parts of a journal over several connections. `first` is an answer for part 0 that was already
 * asked for. The journal is closed in the end, whatever happens; what was received stays in it.
 */
export async function fetchParts(
  file: RemoteFile,
  journal: DownloadJournal,
  first: HubResponse | null,
  context: DownloadContext,
): Promise<Fetched> {
  const { totalBytes, sha256 } = journal.head;
  const resumedBytes = journal.receivedBytes;
  const report = (): void =>
    context.onProgress({ phase: "downloading", file: file.name, receivedBytes: journal.receivedBytes, totalBytes, resumedBytes });
  const group = new AbortController();
  const signal = context.signal === undefined ? group.signal : AbortSignal.any([group.signal, context.signal]);
  const parts = journal.missingParts();
  let unused = first;

  const worker = async (): Promise<void> => {
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      const current = part;
      const progress = (): number => journal.range(current).from;
      await retrying(
        { ...context, signal },
        async () => {
          const answer = current === 0 ? unused : null;
          if (current === 0) unused = null;
          await fetchPart(file, journal, current, answer, { ...context, signal }, report);
        },
        progress,
      );
    }
  };

  report();
  try {
    const workers = Array.from({ length: Math.min(context.limits.connections, parts.length) }, async () => {
      try {
        await worker();
      } catch (error) {
        // The first failure ends the others; what they received stays.
        group.abort(error);
        throw error;
      }
    });
    const failed = (await Promise.allSettled(workers)).find((result) => result.status === "rejected");
    if (failed !== undefined) throw group.signal.aborted ? group.signal.reason : failed.reason;
  } finally {
    unused?.body.on("error", () => undefined).destroy();
    await journal.close();
  }
  return { totalBytes, resumedBytes, sha256 };
}

async function fetchPart(
  file: RemoteFile,
  journal: DownloadJournal,
  part: number,
  given: HubResponse | null,
  context: DownloadContext,
  report: () => void,
): Promise<void> {
  const { from, to } = journal.range(part);
  const { validator, totalBytes } = journal.head;
  const condition = validator === null ? {} : { "if-range": validator };
  const answer = given ?? (await ask(file, context, context.signal, { range: `bytes=${from}-${to - 1}`, ...condition }));
  const range = contentRange(answer.headers);
  const now = validatorOf(answer.headers);
  if (
    answer.status !== 206 ||
    range?.from !== from ||
    range.total !== totalBytes ||
    (validator !== null && now !== null && now !== validator)
  ) {
    answer.body.on("error", () => undefined).destroy();
    throw new FileChanged(`${file.name} changed at its source`);
  }
  let at = from;
  for await (const chunk of answer.body) {
    const bytes: Buffer = chunk.subarray(0, to - at);
    if (at === 0) checkMagic(file, bytes);
    await journal.append(part, bytes);
    at += bytes.length;
    report();
    // More than was asked for: the connection is given up. Else the body ends by itself and the connection is kept.
    if (bytes.length < chunk.length) break;
  }
  if (at < to) throw new CutShort(`${new URL(answer.url).host} closed the connection at byte ${at} of ${totalBytes}`);
}
