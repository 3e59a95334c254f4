import { ArrieroError } from "@arriero/spec";
import { HttpStatusError } from "./retry-policy.ts";

/** Whatever stopped a pull, in the catalogue's words. */
export function pullError(error: unknown, what: string, signal?: AbortSignal): ArrieroError {
  if (error instanceof ArrieroError) return error;
  if (signal?.aborted) {
    return new ArrieroError("cancelled", `the pull of ${what} was stopped`, {
      hint: "Pull again: it continues where it stopped.",
      cause: error,
    });
  }
  if (error instanceof HttpStatusError) return statusError(error, what);
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new ArrieroError("disk_full", `the disk filled up while ${what} was written`, { cause: error });
  }
  return new ArrieroError("pull_failed", `${what} could not be pulled: ${causes(error)}`, { cause: error });
}

function statusError(error: HttpStatusError, what: string): ArrieroError {
  switch (error.status) {
    case 401:
    case 403:
      return new ArrieroError("pull_failed", `${error.message}: ${what} is private, gated or does not exist`, {
        hint: "Check the name. For a gated model accept its terms on its page and set HF_TOKEN.",
        cause: error,
      });
    case 404:
      return new ArrieroError("model_not_found", `${error.message}: there is no ${what}`, {
        hint: "Check the name and the tag or file.",
        cause: error,
      });
    case 429:
      return new ArrieroError("pull_failed", `${error.message}: too many requests`, {
        ...(error.retryAfterMs === null ? {} : { retryAfter: Math.ceil(error.retryAfterMs / 1000) }),
        cause: error,
      });
    default:
      return new ArrieroError("pull_failed", error.message, { cause: error });
  }
}

function causes(error: unknown): string {
  const parts: string[] = [];
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth++) {
    const text = at instanceof AggregateError && at.message === "" ? at.errors.map(String).join(", ") : at.message;
    if (text !== "" && !parts.includes(text)) parts.push(text);
  }
  return parts.length === 0 ? String(error) : parts.join(": ");
}
