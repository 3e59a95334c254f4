import { open } from "node:fs/promises";
import { ArrieroError } from "@arriero/spec";
import { checkSpace } from "./disk-space.ts";
import {
  DownloadJournal,
  discardPartial,
  type JournalHead,
  type JournalLimits,
  type PartialFiles,
  partialFiles,
} from "./download-journal.ts";
import type { Headers, HubHttp, HubResponse } from "./hub-http.ts";
import type { PullProgress } from "./pull-progress.ts";
import type { RemoteFile } from "./remote-file.ts";
import { type RetryLimits, retryDelay } from "./retry-policy.ts";
import { sha256File } from "./sha256-file.ts";

/** Every bound of a download. */
export interface DownloadLimits extends RetryLimits, JournalLimits {
  /** Parts fetched at once. */
  readonly connections: number;
  readonly partBytes: number;
  /** How often a download starts over because the file changed at its source. */
  readonly restarts: number;
  /** A connection that sends nothing for so long is cut and tried again. */
  readonly idleMs: number;
}

/** The limits of an ordinary pull. */
export const DOWNLOAD_LIMITS: DownloadLimits = {
  connections: 4,
  partBytes: 16 * 1024 * 1024,
  attempts: 6,
  backoffMs: 500,
  maxBackoffMs: 20_000,
  maxRetryAfterMs: 120_000,
  restarts: 2,
  idleMs: 30_000,
  journalBytes: 4 * 1024 * 1024,
  journalMs: 1000,
};

/** A try that brought at least so much counts as progress. */
const PROGRESS_BYTES = 64 * 1024;

export interface DownloadContext {
  readonly http: HubHttp;
  /** For partial downloads. */
  readonly folder: string;
  readonly limits: DownloadLimits;
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  readonly freeBytes: (folder: string) => Promise<number>;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (progress: PullProgress) => void;
}

/** A whole file, its checksum right, still in the folder for partial downloads. */
export interface Downloaded {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Removes what is left of it there. */
  discard(): Promise<void>;
}

/** The file at the source is no longer the one that was begun. */
class FileChanged extends Error {}

/** The connection closed before the body was whole. */
class CutShort extends Error {
  readonly code = "ECONNRESET";
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

/** Bytes on disk, those of an earlier run among them, and the checksum that the server told. */
interface Fetched {
  readonly totalBytes: number;
  readonly resumedBytes: number;
  readonly sha256: string | null;
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

async function fetchParts(
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

/** A server without ranges: one stream, from the start again when it is cut. */
async function fetchStream(
  file: RemoteFile,
  files: PartialFiles,
  first: HubResponse,
  context: DownloadContext,
): Promise<Fetched> {
  await discardPartial(files);
  let answer: HubResponse | null = first;
  return await retrying(context, async () => {
    const current: HubResponse = answer ?? (await ask(file, context, context.signal, {}));
    answer = null;
    try {
      return await writeStream(file, files, current, context);
    } finally {
      current.body.on("error", () => undefined).destroy();
    }
  });
}

async function writeStream(
  file: RemoteFile,
  files: PartialFiles,
  answer: HubResponse,
  context: DownloadContext,
): Promise<Fetched> {
  const length = /^\d{1,15}$/.exec(answer.headers["content-length"] ?? "")?.[0];
  const announced = length === undefined ? file.sizeBytes : Number(length);
  const free = await context.freeBytes(context.folder);
  checkSpace(context.folder, announced ?? 0, free);
  const data = await open(files.data, "w");
  let at = 0;
  try {
    for await (const chunk of answer.body) {
      if (at === 0) checkMagic(file, chunk);
      await data.writeFile(chunk);
      at += chunk.length;
      // A stream of unknown length must not fill the disk either.
      if (announced === null) checkSpace(context.folder, 0, free - at);
      context.onProgress({ phase: "downloading", file: file.name, receivedBytes: at, totalBytes: announced, resumedBytes: 0 });
    }
    await data.sync();
  } finally {
    await data.close();
  }
  if (announced !== null && at < announced)
    throw new CutShort(`${new URL(answer.url).host} closed the connection at byte ${at} of ${announced}`);
  return { totalBytes: at, resumedBytes: 0, sha256: linkedSha256(answer.firstHeaders) };
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

async function ask(
  file: RemoteFile,
  context: DownloadContext,
  signal: AbortSignal | undefined,
  headers: Readonly<Record<string, string>>,
): Promise<HubResponse> {
  const answer = await file.request({ headers, signal });
  // 416: the range lies behind the end of the file, so it is not the file that was begun.
  const useful =
    answer.status === 200 ||
    answer.status === 206 ||
    (answer.status === 416 && "range" in headers && !/=0-/.test(headers.range ?? ""));
  if (!useful) throw context.http.statusError(answer);
  const encoding = answer.headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") {
    answer.body.on("error", () => undefined).destroy();
    throw new ArrieroError(
      "pull_failed",
      `${new URL(answer.url).host} sends ${file.name} compressed (${encoding}) although that was refused`,
    );
  }
  return answer;
}

/** Tries again as the policy says; failures are counted anew after progress. */
async function retrying<T>(
  context: Pick<DownloadContext, "limits" | "random" | "sleep" | "signal">,
  work: () => Promise<T>,
  progress: () => number = () => 0,
): Promise<T> {
  let failures = 0;
  for (;;) {
    const before = progress();
    try {
      return await work();
    } catch (error) {
      context.signal?.throwIfAborted();
      failures = progress() - before >= PROGRESS_BYTES ? 1 : failures + 1;
      const delay = retryDelay(error, failures, context.limits, context.random);
      if (delay === null) throw error;
      await context.sleep(delay, context.signal);
    }
  }
}

function checkMagic(file: RemoteFile, bytes: Uint8Array): void {
  const magic = Buffer.from(bytes.subarray(0, 4)).toString("latin1");
  if (magic.length === 4 && magic !== "GGUF") {
    throw new ArrieroError(
      "gguf_invalid",
      `${file.name} does not begin with "GGUF" but with ${JSON.stringify(magic)} (at byte 0)`,
    );
  }
}

function contentRange(headers: Headers): { from: number; total: number } | null {
  const match = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15})$/.exec(headers["content-range"] ?? "");
  return match === null ? null : { from: Number(match[1]), total: Number(match[2]) };
}

/** What If-Range may carry: a strong ETag, else the date. */
function validatorOf(headers: Headers): string | null {
  const etag = headers.etag;
  return etag !== undefined && !etag.startsWith("W/") ? etag : (headers["last-modified"] ?? null);
}

/** The hub names the SHA-256 of large files in the answer that redirects to the CDN. */
function linkedSha256(headers: Headers): string | null {
  return /^(?:W\/)?"?([0-9a-f]{64})"?$/.exec(headers["x-linked-etag"] ?? "")?.[1] ?? null;
}
