import type { ReplicaState } from "@arriero/spec";

/** A replica at the moment of choosing. */
export interface Candidate {
  readonly state: ReplicaState;
  readonly outstanding: number;
  readonly lastLeasedAt: number;
  /** It has just failed this caller. */
  readonly avoided: boolean;
  /** Tokens of the request's prompt that it need not compute. */
  readonly heldTokens: number;
}

/**
 * Held tokens that weigh as much as one request in line, and what they weigh at most: a long conversation waits a little
 * for its replica, and one popular beginning does not fill one replica while others are idle.
 */
const TOKENS_A_REQUEST = 256;
const MOST_REQUESTS = 4;

/**
 * The ready replica with the fewest requests outstanding, less what it holds of the prompt; of equals the one that has
 * rested longest. null: none.
 */
export function pickReplica<T extends Candidate>(candidates: readonly T[]): T | null {
  let best: T | null = null;
  for (const candidate of candidates) {
    if (candidate.state !== "ready" || candidate.avoided) continue;
    if (best === null || isBetter(candidate, best)) best = candidate;
  }
  return best;
}

function isBetter(a: Candidate, b: Candidate): boolean {
  const [first, second] = [wait(a), wait(b)];
  return first < second || (first === second && a.lastLeasedAt < b.lastLeasedAt);
}

/** In requests; below 0 for an idle one that holds something. */
const wait = ({ heldTokens, outstanding }: Candidate): number =>
  outstanding - Math.min(heldTokens / TOKENS_A_REQUEST, MOST_REQUESTS);
