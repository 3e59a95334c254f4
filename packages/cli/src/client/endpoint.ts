import { ArrieroError, ERROR_CATALOGUE, type ErrorCode } from "@arriero/spec";

/** A server and what it wants to see. `url` without a trailing slash. */
export interface Endpoint {
  readonly url: string;
  readonly key: string | null;
}

export interface CallOptions {
  readonly method?: "GET" | "POST";
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/** Longest piece of an answer that is no JSON shown in an error. */
const EXCERPT = 200;

/** The error that a server answered with: OpenAI's `{error: {message, code}}` or whatever came instead. */
export function answeredError(status: number, text: string): ArrieroError {
  let error: Record<string, unknown> = {};
  try {
    const body: unknown = JSON.parse(text);
    if (isRecord(body) && isRecord(body.error)) error = body.error;
  } catch {
    // Not JSON: a proxy's page. The excerpt below shows it.
  }
  const message =
    typeof error.message === "string" ? error.message : `The server answered ${status}: ${text.slice(0, EXCERPT).trim()}`;
  const code =
    typeof error.code === "string" && Object.hasOwn(ERROR_CATALOGUE, error.code) ? (error.code as ErrorCode) : byStatus(status);
  // The OpenAI shape has no place for a hint, so the gateway appends it; here it gets a line of its own.
  const { hint } = ERROR_CATALOGUE[code];
  return new ArrieroError(code, message.endsWith(` ${hint}`) ? message.slice(0, -hint.length - 1) : message);
}

function byStatus(status: number): ErrorCode {
  const codes: Record<number, ErrorCode> = {
    400: "invalid_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    413: "body_too_large",
    429: "rate_limited",
    502: "replica_failed",
    503: "replica_unavailable",
    504: "upstream_timeout",
  };
  return codes[status] ?? "internal";
}

function unreachable(url: string, thrown: unknown): ArrieroError {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause.message : String(thrown);
  return new ArrieroError("replica_unavailable", `No server answers at ${url}: ${cause}.`, {
    hint: "Start one with `arriero up`, or name another with --url or ARRIERO_HOST.",
    cause: thrown,
  });
}

/** One request; throws the coded error where the answer is none of 2xx or nobody answers. An abort passes through. */
export async function call(endpoint: Endpoint, path: string, options: CallOptions = {}): Promise<Response> {
  const { method = "GET", body, signal } = options;
  const response = await fetch(`${endpoint.url}${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(endpoint.key === null ? {} : { authorization: `Bearer ${endpoint.key}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((thrown: unknown) => {
    if (signal?.aborted) throw signal.reason;
    throw unreachable(endpoint.url, thrown);
  });
  if (!response.ok) throw answeredError(response.status, await response.text().catch(() => ""));
  return response;
}
