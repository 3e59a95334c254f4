import { ArrieroError } from "@arriero/spec";
import type { DownloadContext } from "./download-context.ts";
import type { Headers, HubResponse } from "./hub-http.ts";
import type { RemoteFile } from "./remote-file.ts";
import { retryDelay } from "./retry-policy.ts";

/** A try that brought at least so much counts as progress. */
const PROGRESS_BYTES = 64 * 1024;

/** The file at the source is no longer the one that was begun. */
export class FileChanged extends Error {}

/** The connection closed before the body was whole. */
export class CutShort extends Error {
  readonly code = "ECONNRESET";
}

/** Asks for the file or a range of it; the answer has status 200, 206, or 416 for a range that is not at the start. */
export async function ask(
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
export async function retrying<T>(
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

/** Refuses at its first bytes what is no GGUF, so that a web page is not downloaded to its end. */
export function checkMagic(file: RemoteFile, bytes: Uint8Array): void {
  const magic = Buffer.from(bytes.subarray(0, 4)).toString("latin1");
  if (magic.length === 4 && magic !== "GGUF") {
    throw new ArrieroError(
      "gguf_invalid",
      `${file.name} does not begin with "GGUF" but with ${JSON.stringify(magic)} (at byte 0)`,
    );
  }
}

/** `Content-Range` of a 206. */
export function contentRange(headers: Headers): { from: number; total: number } | null {
  const match = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15})$/.exec(headers["content-range"] ?? "");
  return match === null ? null : { from: Number(match[1]), total: Number(match[2]) };
}

/** What If-Range may carry: a strong ETag, else the date. */
export function validatorOf(headers: Headers): string | null {
  const etag = headers.etag;
  return etag !== undefined && !etag.startsWith("W/") ? etag : (headers["last-modified"] ?? null);
}

/** The hub names the SHA-256 of large files in the answer that redirects to the CDN. */
export function linkedSha256(headers: Headers): string | null {
  return /^(?:W\/)?"?([0-9a-f]{64})"?$/.exec(headers["x-linked-etag"] ?? "")?.[1] ?? null;
}
