import { ERROR_CATALOGUE, type ErrorBody, type ErrorCode } from "@arriero/spec";

/** What a replica's process announces on stdout, one JSON line each. */
export type EngineEvent =
  | { readonly event: "listening"; readonly url: string }
  | { readonly event: "ready" }
  /** It was told to go, by whomever: it takes nothing new, and ends what runs within its time. */
  | { readonly event: "draining" }
  | { readonly event: "failed"; readonly error: ErrorBody };

/** null for a line that is none of these: native code may print where it should not. */
export function parseEngineEvent(line: string): EngineEvent | null {
  if (!line.startsWith("{")) return null;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  switch (value.event) {
    case "listening":
      return typeof value.url === "string" && isLoopbackUrl(value.url) ? { event: "listening", url: value.url } : null;
    case "ready":
      return { event: "ready" };
    case "draining":
      return { event: "draining" };
    case "failed":
      return isErrorBody(value.error) ? { event: "failed", error: value.error } : null;
    default:
      return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isErrorBody(value: unknown): value is ErrorBody {
  return isRecord(value) && isErrorCode(value.code) && typeof value.message === "string" && typeof value.hint === "string";
}

function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(ERROR_CATALOGUE, value);
}

/** A replica of this machine listens on loopback; any other address would send prompts elsewhere. */
function isLoopbackUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === "http:" && (hostname === "127.0.0.1" || hostname === "[::1]" || hostname === "localhost");
}
