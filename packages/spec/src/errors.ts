/**
 * The error catalogue: code -> HTTP status and what to do next. A code never changes its meaning.
 * docs/errors.md is checked against this table.
 */
export const ERROR_CATALOGUE = {
  invalid_json: { status: 400, hint: "Send a JSON object with Content-Type: application/json." },
  invalid_request: { status: 400, hint: "Correct the named field and send the request again." },
  body_too_large: { status: 413, hint: "Send less text, or raise limits.bodyBytes." },
  context_length_exceeded: {
    status: 400,
    hint: "Shorten the prompt, lower max_tokens, or start the engine with a larger --context.",
  },
  invalid_schema: { status: 400, hint: "Use the JSON Schema keywords listed in docs/structured-output.md." },
  invalid_grammar: { status: 400, hint: "Check the GBNF: every rule defined, and a rule named root." },
  template_failed: { status: 400, hint: "The model's chat template refuses these messages; check roles and their order." },
  unsupported: { status: 400, hint: "Choose a model that can do this; `arriero show MODEL` lists what it can." },
  unauthorized: { status: 401, hint: "Send a valid key: Authorization: Bearer KEY." },
  key_expired: { status: 401, hint: "Ask the owner of this server for a new key." },
  key_revoked: { status: 401, hint: "Ask the owner of this server for a new key." },
  budget_exceeded: { status: 402, hint: "Wait for the next period, or ask the owner of this server for a larger budget." },
  forbidden: { status: 403, hint: "Ask the owner of this server for access." },
  not_found: { status: 404, hint: "See `arriero help` or docs/api.md for the routes." },
  model_not_found: { status: 404, hint: "See `arriero list`, or get it with `arriero pull`." },
  adapter_not_found: { status: 404, hint: "See `arriero show MODEL` for its adapters." },
  method_not_allowed: { status: 405, hint: "Use the method that the Allow header names." },
  request_timeout: { status: 408, hint: "Send the whole request sooner, or raise limits.requestMs." },
  conflict: { status: 409, hint: "Stop or remove the other one first, or choose another name." },
  unsupported_media_type: { status: 415, hint: "Send Content-Type: application/json." },
  rate_limited: { status: 429, hint: "Wait as Retry-After says." },
  queue_full: { status: 429, hint: "Wait as Retry-After says, lower the load, or add replicas." },
  cancelled: { status: 499, hint: "The caller closed the connection; nothing to do." },
  internal: { status: 500, hint: "This is a fault of ours: report it with the request id." },
  replica_failed: { status: 502, hint: "The replica is being restarted; send the request again." },
  replica_unavailable: { status: 503, hint: "The model is loading or restarting; send the request again in a moment." },
  store_unavailable: { status: 503, hint: "Check the database, or DATABASE_URL; requests go on once it answers." },
  backend_misconfigured: { status: 502, hint: "Correct this backend's address, credential or model name in arriero.yaml." },
  draining: { status: 503, hint: "This server is going away; send the request to another." },
  upstream_timeout: { status: 504, hint: "Send the request again; if it persists, look at `arriero ps`." },
  gguf_invalid: { status: 422, hint: "The file is no usable GGUF; pull it again or choose another file." },
  gguf_truncated: { status: 422, hint: "The file ends too early; pull it again, the download continues where it stopped." },
  checksum_mismatch: { status: 422, hint: "The bytes differ from the publisher's; remove the partial file and pull again." },
  disk_full: { status: 507, hint: "Free the space named, or set ARRIERO_HOME to a larger disk." },
  pull_failed: { status: 502, hint: "Check the name and the network, then pull again: it continues where it stopped." },
  native_missing: { status: 500, hint: "Run `npm ci` on this platform, then `arriero doctor`." },
  native_mismatch: { status: 500, hint: "Run `npm ci` so that the binaries match the version this build wants." },
  model_load_failed: { status: 500, hint: "See the log lines above; `arriero doctor` checks memory and the file." },
  provider_failed: { status: 502, hint: "See `signIn.providers` in arriero.yaml, and whether the provider answers." },
  mail_failed: { status: 502, hint: "See `mail` in arriero.yaml, and the mail server's own log." },
  config_invalid: { status: 400, hint: "Correct the named key; `arriero config check` shows all of them." },
  port_in_use: { status: 409, hint: "Stop the other server, or choose another with --port." },
} as const satisfies Record<string, { status: number; hint: string }>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/** An error as it travels between our own processes. */
export interface ErrorBody {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  /** The request field at fault, as a path in the caller's own words: `messages[0].role`. */
  readonly param?: string;
  /** Seconds to wait before another try. */
  readonly retryAfter?: number;
}

export interface ErrorDetail {
  readonly param?: string;
  readonly retryAfter?: number;
  readonly hint?: string;
  readonly cause?: unknown;
}

/** The one error that may reach a user. `message` names the rule broken and the value at hand. */
export class ArrieroError extends Error {
  readonly code: ErrorCode;
  readonly body: ErrorBody;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = "ArrieroError";
    this.code = code;
    this.body = {
      code,
      message,
      hint: detail.hint ?? ERROR_CATALOGUE[code].hint,
      ...(detail.param === undefined ? {} : { param: detail.param }),
      ...(detail.retryAfter === undefined ? {} : { retryAfter: detail.retryAfter }),
    };
  }

  get status(): number {
    return ERROR_CATALOGUE[this.code].status;
  }

  /** An error that came from another of our processes. */
  static from(body: ErrorBody): ArrieroError {
    const { code, message, ...detail } = body;
    return new ArrieroError(code, message, detail);
  }

  /** Whatever was thrown, as a coded error; an unknown fault becomes `internal` and keeps its cause. */
  static wrap(thrown: unknown): ArrieroError {
    if (thrown instanceof ArrieroError) return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new ArrieroError("internal", message, { cause: thrown });
  }
}
