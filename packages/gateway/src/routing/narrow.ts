import type { BackendSnapshot } from "./backend-snapshot.ts";
import type { RoutingPolicy } from "./policies.ts";
import type { RoutingChance, RoutingRequest } from "./routing-request.ts";
import { SCORERS, type ScorerName } from "./scorers/scorers.ts";

/** Told of each scorer that was asked: whom it compared, at what cost, and who is left. */
export type NarrowingWitness = (
  scorer: ScorerName,
  compared: readonly BackendSnapshot[],
  costs: readonly (number | null)[],
  left: readonly BackendSnapshot[],
) => void;

/** The candidate that is left after the policy's scorers; null: there was none. */
export function narrow(
  policy: RoutingPolicy,
  candidates: readonly BackendSnapshot[],
  request: RoutingRequest,
  chance: RoutingChance,
  witness?: NarrowingWitness,
): BackendSnapshot | null {
  let left = candidates;
  for (const scorer of policy) {
    if (left.length <= 1) break;
    const costs = SCORERS[scorer](left, request, chance);
    const least = costs.reduce<number>((best, cost) => (cost === null ? best : Math.min(best, cost)), Number.POSITIVE_INFINITY);
    const kept = left.filter((_, index) => costs[index] === least);
    witness?.(scorer, left, costs, kept);
    left = kept;
  }
  return left[0] ?? null;
}
