import { ArrieroError } from "@arriero/spec";
import { broken } from "../backend/backend-faults.ts";
import { isObject, type JsonObject, objectOf } from "../backend/json-object.ts";
import { explainRefusal } from "../backend/refusal.ts";
import type { UpstreamBroken } from "../upstream-broken.ts";

/**
 * An error inside a stream that began with 200: vLLM and TGI send those, in shapes of their own. Once output has begun the
 * request was good, so whatever is said is about the backend.
 */
export function streamedError(chunk: JsonObject, streaming: boolean): ArrieroError | UpstreamBroken {
  const error = isObject(chunk.error) ? chunk.error : chunk;
  const explained = explainRefusal({ status: statusOf(error), body: { error: chunk.error ?? chunk }, secret: null });
  if (!(explained instanceof ArrieroError) || !streaming) return explained;
  return broken("replica_failed", explained.message);
}

function statusOf(error: JsonObject): number {
  const { code, status, type } = objectOf(error);
  for (const named of [status, code]) {
    const number = Number(named);
    if (Number.isInteger(number) && number >= 400 && number < 600) return number;
  }
  const words = `${String(code)} ${String(type)}`;
  if (/rate_limit|quota|overloaded/i.test(words)) return 429;
  return /invalid_request|bad_?request|context_length/i.test(words) ? 400 : 500;
}
