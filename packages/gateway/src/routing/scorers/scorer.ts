import type { BackendSnapshot } from "../backend-snapshot.ts";
import type { RoutingChance, RoutingRequest } from "../routing-request.ts";

/**
 * What each candidate costs in one respect, in their order: 0 or more, less is better. null takes a candidate out of the
 * comparison; at least one is left in.
 */
export type Scorer = (
  candidates: readonly BackendSnapshot[],
  request: RoutingRequest,
  chance: RoutingChance,
) => readonly (number | null)[];
