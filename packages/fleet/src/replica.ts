import type { ArrieroError, ReplicaAddress, ReplicaState } from "@arriero/spec";

/** A replica as the rest of the system sees it. Its process may die and be replaced; the replica stays the same. */
export interface Replica {
  readonly id: string;
  readonly model: string;
  readonly state: ReplicaState;
  /** Where the living process listens; a new object for every process. null while there is none to speak to. */
  readonly address: ReplicaAddress | null;
  readonly pid: number | null;
  /** Processes started after the first one. */
  readonly restarts: number;
  /** Milliseconds since the epoch of the living process's spawn. */
  readonly startedAt: number;
  /** Requests of ours it works on now. */
  readonly outstanding: number;
  /** Why it was given up; null unless the state is `failed`. */
  readonly failure: ArrieroError | null;
  /** Rejects with replica_unavailable when it takes too long or is stopped, with its own error when it has failed. */
  whenReady(options?: { signal?: AbortSignal; timeoutMs?: number }): Promise<ReplicaAddress>;
}

/** The right to send one request to a replica; release it when the request has ended. */
export interface ReplicaLease {
  readonly replica: Replica;
  readonly address: ReplicaAddress;
  /** Aborted when the process is about to go: the request is to move to another replica, if there is one. */
  readonly notice?: AbortSignal;
  /** Idempotent. */
  release(): void;
}
