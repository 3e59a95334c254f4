import { ArrieroError, type ErrorCode } from "@arriero/spec";

/**
 * An upstream did not bring a request to its end, for a reason that another one (or the same, later) may not have.
 * `error` is what the caller is told when nobody can go on; its `retryAfter` says how long this upstream wants to be left
 * alone.
 */
export class UpstreamBroken extends Error {
  readonly error: ArrieroError;

  constructor(error: ArrieroError) {
    super(error.message, { cause: error.cause });
    this.name = "UpstreamBroken";
    this.error = error;
  }
}

/** What came does not go on where the answer broke off: this way of continuing does not work with this upstream. */
export class ContinuationMismatch extends UpstreamBroken {}

/** What was already passed on is wrong. Nobody can go on with it: whatever the attempt was, the answer ends with this. */
export class AnswerSpoilt extends ArrieroError {}

/**
 * Codes that say nothing about the request, only about the replica: another one may do better. `internal` is among them,
 * since a replica that fails inside may have failed alone; tries are bounded anyway.
 */
const REPLICA_FAULTS: ReadonlySet<ErrorCode> = new Set([
  "draining",
  "internal",
  "replica_failed",
  "replica_unavailable",
  "unauthorized",
]);

export function isReplicaFault(code: ErrorCode): boolean {
  return REPLICA_FAULTS.has(code);
}

/** Codes of an upstream that would take the request at another time, and that others may take now. */
const REFUSALS_FOR_NOW: ReadonlySet<ErrorCode> = new Set(["queue_full", "rate_limited"]);

export function isRefusalForNow(code: ErrorCode): boolean {
  return REFUSALS_FOR_NOW.has(code);
}
