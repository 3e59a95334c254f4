import { ArrieroError, type ErrorCode } from "@arriero/spec";
import { errorText, retryAfterHeaders } from "../error-answer.ts";

export interface LoraxErrorBody {
  readonly error: string;
  /** What clients choose their exception by. */
  readonly error_type: "validation" | "overloaded" | "generation" | ErrorCode;
  readonly code: ErrorCode;
}

export interface LoraxErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: LoraxErrorBody;
}

/** An error before the first byte of the answer. Whatever was thrown is accepted; an unknown fault is `internal`. */
export function formatError(thrown: unknown): LoraxErrorAnswer {
  const error = ArrieroError.wrap(thrown);
  return { status: formatStatus(error), headers: retryAfterHeaders(error), body: errorBody(error) };
}

export function errorBody(error: ArrieroError): LoraxErrorBody {
  return { error: errorText(error), error_type: errorType(error), code: error.code };
}

/** text-generation-inference says 422 to a request it cannot take, and 424 when the model failed. */
function formatStatus(error: ArrieroError): number {
  switch (errorType(error)) {
    case "validation":
      return 422;
    case "generation":
      return 424;
    default:
      return error.status;
  }
}

/** The types these clients know; the code itself where none of them says what happened. */
function errorType(error: ArrieroError): LoraxErrorBody["error_type"] {
  switch (error.code) {
    case "queue_full":
    case "rate_limited":
      return "overloaded";
    case "replica_failed":
    case "model_load_failed":
      return "generation";
    default:
      return error.status === 400 ? "validation" : error.code;
  }
}
