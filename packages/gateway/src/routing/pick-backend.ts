import type { BackendSnapshot } from "./backend-snapshot.ts";
import { isAllowed } from "./filters/filters.ts";
import { narrow } from "./narrow.ts";
import { ROUTING_POLICIES } from "./policies.ts";
import type { RoutingChance, RoutingRequest, RoutingRules } from "./routing-request.ts";

/**
 * Where the request goes: filter, score, pick. null: nowhere, and `noBackend(explain(...))` says why. Retries, hedges and
 * continuations ask again with what failed in `avoided`, so that every rule binds them as the first attempt.
 */
export function pickBackend(
  rules: RoutingRules,
  request: RoutingRequest,
  snapshots: readonly BackendSnapshot[],
  chance: RoutingChance,
): BackendSnapshot | null {
  const allowed = snapshots.filter((snapshot) => isAllowed(snapshot, request, rules));
  return narrow(ROUTING_POLICIES[rules.policy], allowed, request, chance);
}
