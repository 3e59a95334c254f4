import type { ArrieroError } from "@arriero/spec";

/** The header of an error that says when to come again, in whole seconds; none where it does not say. */
export function retryAfterHeaders({ body: { retryAfter } }: ArrieroError): Record<string, string> {
  return retryAfter === undefined ? {} : { "retry-after": String(Math.max(1, Math.ceil(retryAfter))) };
}

/** What a caller is told: with the hint, since clients show nothing else. The cause of an internal fault stays in the log. */
export function errorText({ body: { code, hint, message } }: ArrieroError): string {
  return `${code === "internal" ? "The server failed to answer." : message} ${hint}`;
}
