import type { ArrieroError, ErrorCode } from "@arriero/spec";

/**
 * A replica did not bring a request to its end, for a reason that another replica (or the next process) may not have.
 * `error` is what the caller is told when nobody can go on.
 */
export class ReplicaBroken extends Error {
  readonly error: ArrieroError;

  constructor(error: ArrieroError) {
    super(error.message, { cause: error.cause });
    this.name = "ReplicaBroken";
    this.error = error;
  }
}

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
