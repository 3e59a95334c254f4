import { ArrieroError, type ErrorCode } from "@arriero/spec";
import { errorText, retryAfterHeaders } from "../error-answer.ts";

/** The catalogue's code, where Anthropic's clients look for one, and the field at fault. */
interface ErrorDetails {
  readonly error_code: ErrorCode | typeof THREAD_REFUSED;
  readonly param?: string;
  readonly unsupported?: readonly string[];
}

/** On this code Anthropic's clients send the whole conversation instead, and leave threads be. */
const THREAD_REFUSED = "thread_unsupported_request";

export interface AnthropicErrorBody {
  readonly type: "error";
  readonly error: {
    readonly type: string;
    readonly message: string;
    readonly details: ErrorDetails;
  };
  readonly request_id: string;
}

export interface AnthropicErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AnthropicErrorBody;
}

/** An error before the first byte of the answer. Whatever was thrown is accepted; an unknown fault is `internal`. */
export function formatError(thrown: unknown, requestId: string): AnthropicErrorAnswer {
  const error = ArrieroError.wrap(thrown);
  return { status: error.status, headers: retryAfterHeaders(error), body: errorBody(error, requestId) };
}

export function errorBody(error: ArrieroError, requestId: string): AnthropicErrorBody {
  const { code, param } = error.body;
  return {
    type: "error",
    error: {
      type: errorType(error.status),
      message: errorText(error),
      details: errorDetails(code, param),
    },
    request_id: requestId,
  };
}

function errorDetails(code: ErrorCode, param: string | undefined): ErrorDetails {
  if (code === "unsupported" && param === "thread") return { error_code: THREAD_REFUSED, param, unsupported: ["thread"] };
  return { error_code: code, ...(param === undefined ? {} : { param }) };
}

/** Anthropic's error types go by status. */
function errorType(status: number): string {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 408:
    case 504:
      return "timeout_error";
    case 409:
      return "conflict_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 503:
      return "overloaded_error";
    default:
      return status >= 500 ? "api_error" : "invalid_request_error";
  }
}
