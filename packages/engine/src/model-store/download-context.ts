import type { JournalLimits } from "./download-journal.ts";
import type { HubHttp } from "./hub-http.ts";
import type { PullProgress } from "./pull-progress.ts";
import type { RetryLimits } from "./retry-policy.ts";

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

/** What a download works with; time, chance and the disk are passed in. */
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
