import { ArrieroError } from "@arriero/spec";
import { broken } from "../backend/backend-faults.ts";
import { objectOf } from "../backend/json-object.ts";
import { explainRefusal, readRetryAfter } from "../backend/refusal.ts";
import { UpstreamBroken } from "../upstream-broken.ts";

/**
 * What an error of the AWS client means here. Its own name says most; a container's refusal (`ModelError`) carries the
 * container's status.
 *
 * @param now milliseconds since the epoch
 */
export function sageMakerFault(thrown: unknown, now: number): ArrieroError | UpstreamBroken {
  if (thrown instanceof UpstreamBroken || thrown instanceof ArrieroError) return thrown;
  if (!(thrown instanceof Error)) return broken("replica_failed", "The endpoint failed.");
  const { $metadata, $response, name, OriginalMessage, OriginalStatusCode } = thrown as Error & Readonly<Record<string, unknown>>;
  const said = thrown.message.slice(0, 500);
  switch (name) {
    case "ThrottlingException":
    case "TooManyRequestsException":
      return new ArrieroError("rate_limited", `The backend refuses for now: ${said}`);
    case "ValidationError":
    case "ValidationException":
      // It speaks of the endpoint's name or state; a container's own objections come as ModelError.
      return broken("backend_misconfigured", `The backend cannot be asked: ${said}`);
    case "ModelNotReadyException":
      return broken("replica_unavailable", "The endpoint's model is not loaded yet.");
    case "ModelStreamError":
    case "InternalStreamFailure":
      return broken("replica_failed", `The endpoint gave the answer up: ${said}`);
    default:
  }
  const status = Number(OriginalStatusCode ?? objectOf($metadata).httpStatusCode);
  if (!Number.isInteger(status) || status < 400) {
    return broken("replica_failed", `The connection to the backend broke: ${said}.`);
  }
  const headers = objectOf(objectOf($response).headers);
  const retryAfter = readRetryAfter(typeof headers["retry-after"] === "string" ? headers["retry-after"] : undefined, now);
  return explainRefusal({ status, body: containerBody(OriginalMessage) ?? { message: said }, retryAfter, secret: null });
}

/** A container's body as it sent it, when it is JSON. */
function containerBody(text: unknown): unknown {
  try {
    return typeof text === "string" ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
