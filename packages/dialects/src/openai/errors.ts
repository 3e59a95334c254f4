import { ArrieroError, type ErrorCode } from "@arriero/spec";
import { errorText, retryAfterHeaders } from "../error-answer.ts";

export interface OpenAiErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: ErrorCode;
  };
}

export interface OpenAiErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: OpenAiErrorBody;
}

/** An error before the first byte of the answer. Whatever was thrown is accepted; an unknown fault is `internal`. */
export function formatError(thrown: unknown): OpenAiErrorAnswer {
  const error = ArrieroError.wrap(thrown);
  return { status: error.status, headers: retryAfterHeaders(error), body: errorBody(error) };
}

export function errorBody(error: ArrieroError): OpenAiErrorBody {
  const { code, param } = error.body;
  return { error: { message: errorText(error), type: errorType(error.status), param: param ?? null, code } };
}

/** OpenAI's error types go by status. */
function errorType(status: number): string {
  if (status >= 500) return "server_error";
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 429:
      return "rate_limit_error";
    default:
      return "invalid_request_error";
  }
}
