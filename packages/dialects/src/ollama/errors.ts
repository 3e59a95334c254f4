import { ArrieroError } from "@arriero/spec";

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
  const { retryAfter } = error.body;
  const headers = retryAfter === undefined ? {} : { "retry-after": String(Math.max(1, Math.ceil(retryAfter))) };
  return { status: error.status, headers, body: errorBody(error) };
}

/** Clients read `error` alone; `code` stands beside it for programs. The cause of an internal fault stays in the log. */
function errorBody(error: ArrieroError): OllamaErrorAnswer["body"] {
  const { code, message, hint } = error.body;
  const said = code === "internal" ? "The server failed to answer." : message;
  return { error: `${said} ${hint}`, code };
}

/** A stream that has begun cannot change its status: the error is its last line, and no `done: true` follows. */
export function errorLine(error: ArrieroError): string {
  return `${JSON.stringify(errorBody(error))}\n`;
}
