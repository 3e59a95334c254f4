import type { ReplicaState } from "@arriero/spec";

/** A replica at the moment of choosing. */
export interface Candidate {
  readonly state: ReplicaState;
  readonly outstanding: number;
  readonly lastLeasedAt: number;
  /** It has just failed this caller. */
  readonly avoided: boolean;
}

/** The ready replica with the fewest requests outstanding; of equals the one that has rested longest. null: none. */
export function pickReplica<T extends Candidate>(candidates: readonly T[]): T | null {
  let best: T | null = null;
  for (const candidate of candidates) {
    if (candidate.state !== "ready" || candidate.avoided) continue;
    if (best === null || isBetter(candidate, best)) best = candidate;
  }
  return best;
}

function isBetter(a: Candidate, b: Candidate): boolean {
  return a.outstanding < b.outstanding || (a.outstanding === b.outstanding && a.lastLeasedAt < b.lastLeasedAt);
}
