/** How often and how long to wait; all times in milliseconds. */
export interface RetryLimits {
  /** Failures in a row, without progress between them, before giving up. */
  readonly attempts: number;
  /** Before the second try; doubled each time. */
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
  /** A server that asks for a longer wait is given up at once. */
  readonly maxRetryAfterMs: number;
}

/** A response that was not what was asked for. */
export class HttpStatusError extends Error {
  readonly status: number;
  readonly retryAfterMs: number | null;
  readonly host: string;

  constructor(status: number, url: string, retryAfterMs: number | null) {
    const { host, pathname } = new URL(url);
    super(`${host} answered ${status} for ${pathname}`);
    this.name = "HttpStatusError";
    this.status = status;
    this.retryAfterMs = retryAfterMs;
    this.host = host;
  }
}

/** What to do after failure number `failures` (1 for the first): wait so many milliseconds, or null: give up. */
export function retryDelay(error: unknown, failures: number, limits: RetryLimits, random: () => number): number | null {
  if (failures >= limits.attempts || !isTransient(error)) return null;
  if (error instanceof HttpStatusError && error.retryAfterMs !== null) {
    return error.retryAfterMs <= limits.maxRetryAfterMs ? error.retryAfterMs : null;
  }
  const full = Math.min(limits.maxBackoffMs, limits.backoffMs * 2 ** (failures - 1));
  // Half fixed, half drawn: four connections cut together do not come back together.
  return full / 2 + (full / 2) * random();
}

/** `Retry-After`: seconds or an HTTP date. Null when absent or unreadable. */
export function retryAfterMs(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

const TRANSIENT_STATUS: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
const TRANSIENT_CODES: ReadonlySet<string> = new Set([
  "ECONNRESET",
  "ECONNREFUSED",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EAI_AGAIN",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "UND_ERR_SOCKET",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
  "HPE_INVALID_EOF_STATE",
]);

/** A failure that another try may not meet: a cut connection, an overloaded server. */
export function isTransient(error: unknown): boolean {
  if (error instanceof HttpStatusError) return TRANSIENT_STATUS.has(error.status);
  if (!(error instanceof Error)) return false;
  if ("code" in error && typeof error.code === "string" && TRANSIENT_CODES.has(error.code)) return true;
  return error.cause !== undefined && isTransient(error.cause);
}
