import { ArrieroError } from "@arriero/spec";
import { errorText, retryAfterHeaders } from "../error-answer.ts";

export interface OllamaErrorBody {
  readonly error: string;
}

export interface OllamaErrorAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: OllamaErrorBody & { readonly code: string };
}

/** An error before the first byte of the answer. Whatever was thrown is accepted; an unknown fault is `internal`. */
export function formatError(thrown: unknown): OllamaErrorAnswer {
  const error = ArrieroError.wrap(thrown);
  return { status: error.status, headers: retryAfterHeaders(error), body: errorBody(error) };
}

/** Clients read `error` alone; `code` stands beside it for programs. */
function errorBody(error: ArrieroError): OllamaErrorAnswer["body"] {
  return { error: errorText(error), code: error.code };
}

/** A stream that has begun cannot change its status: the error is its last line, and no `done: true` follows. */
export function errorLine(error: ArrieroError): string {
  return `${JSON.stringify(errorBody(error))}\n`;
}
