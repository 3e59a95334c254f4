import type { BackendSnapshot } from "../backend-snapshot.ts";
import { relativeWork } from "./work.ts";

/**
 * Tokens of work by which a backend may be ahead of the least loaded before what it holds no longer draws requests
 * there: about what a long prompt costs to compute elsewhere. Without it one popular prefix would fill one backend.
 */
export const AFFINITY_SLACK_TOKENS = 8192;

/** What each candidate holds counts in full, or not at all where it has too much to do. */
export function affinityCosts(candidates: readonly BackendSnapshot[], held: (candidate: BackendSnapshot) => number): number[] {
  const holding = candidates.map(held);
  // Mostly nobody holds anything, and then nobody's work matters.
  if (holding.every((each) => each === 0)) return holding;
  const least = Math.min(...candidates.map(relativeWork));
  const worth = candidates.map((each, index) => (relativeWork(each) - least > AFFINITY_SLACK_TOKENS ? 0 : (holding[index] ?? 0)));
  const most = Math.max(...worth);
  return worth.map((each) => most - each);
}
