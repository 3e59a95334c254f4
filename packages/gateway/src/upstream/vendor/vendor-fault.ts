import { ArrieroError } from "@arriero/spec";
import { broken, malformed } from "../backend/backend-faults.ts";
import { isObject, type JsonObject, objectOf } from "../backend/json-object.ts";
import { explainRefusal, readRetryAfter } from "../backend/refusal.ts";
import { streamedError } from "../openai/streamed-error.ts";
import { UpstreamBroken } from "../upstream-broken.ts";

export interface FaultContext {
  /** Output has begun: whatever is said now is about the backend, not the request. */
  readonly streaming: boolean;
  /** Never to be repeated to anyone. */
  readonly secrets: ReadonlySet<string>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * What a package's error means here. Packages keep the request, prompt and all, in their errors: those are not passed on,
 * not even as a cause.
 */
export function vendorFault(thrown: unknown, context: FaultContext): ArrieroError | UpstreamBroken {
  const ours = oursWithin(thrown);
  if (ours !== null) return ours;
  if (!(thrown instanceof Error)) return streamedError(clean(objectOf(thrown), context.secrets), context.streaming);
  const { name } = thrown;
  if (name === "AI_APICallError") return refused(thrown as Error & ApiCall, context);
  const said = withoutSecrets(thrown.message, context.secrets).slice(0, 500);
  switch (name) {
    case "AI_UnsupportedFunctionalityError":
    case "AI_InvalidArgumentError":
      return new ArrieroError("unsupported", `The backend of this model cannot do what was asked: ${said}`);
    case "AI_InvalidPromptError":
      return new ArrieroError("invalid_request", `The backend cannot be asked this: ${said}`);
    case "AI_LoadAPIKeyError":
    case "AI_LoadSettingError":
    case "AI_NoSuchModelError":
      return broken("backend_misconfigured", said);
    default:
  }
  // Their messages repeat what was sent.
  if (name.startsWith("AI_")) return malformed("what its protocol does not allow");
  return broken("replica_failed", `The connection to the backend broke: ${said}.`);
}

/** As `APICallError` of @ai-sdk/provider has it; read, not imported, so that its code stays unloaded. */
interface ApiCall {
  readonly statusCode?: number;
  readonly responseHeaders?: Readonly<Record<string, string>>;
  readonly responseBody?: string;
}

function refused(
  { message, responseBody = "", responseHeaders = {}, statusCode }: Error & ApiCall,
  { now, secrets }: FaultContext,
): ArrieroError | UpstreamBroken {
  if (statusCode === undefined) {
    return broken("replica_failed", `The connection to the backend broke: ${withoutSecrets(message, secrets)}.`);
  }
  if (statusCode === 200) return malformed("what its protocol does not allow");
  let body: unknown;
  try {
    body = JSON.parse(withoutSecrets(responseBody, secrets));
  } catch {
    // Then nothing of it is quoted.
  }
  // Google puts its one error into a list.
  if (Array.isArray(body)) [body] = body;
  return explainRefusal({
    status: statusCode,
    body,
    retryAfter: readRetryAfter(responseHeaders["retry-after"], now),
    secret: null,
  });
}

/** One of ours that a package wrapped into its own. */
function oursWithin(thrown: unknown): ArrieroError | UpstreamBroken | null {
  let each = thrown;
  for (let depth = 0; depth < 5; depth++) {
    if (each instanceof UpstreamBroken || each instanceof ArrieroError) return each;
    if (!(each instanceof Error)) return null;
    each = each.cause;
  }
  return null;
}

function clean(value: JsonObject, secrets: ReadonlySet<string>): JsonObject {
  const cleaned: unknown = JSON.parse(withoutSecrets(JSON.stringify(value), secrets));
  return isObject(cleaned) ? cleaned : {};
}

function withoutSecrets(text: string, secrets: ReadonlySet<string>): string {
  let left = text;
  for (const secret of secrets) left = left.replaceAll(secret, "[credential]");
  return left;
}
