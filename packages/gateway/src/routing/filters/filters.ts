import type { BackendSnapshot } from "../backend-snapshot.ts";
import type { RoutingRequest, RoutingRules } from "../routing-request.ts";
import { avoided } from "./avoided.ts";
import { budget } from "./budget.ts";
import { capability } from "./capability.ts";
import { demand } from "./demand.ts";
import { health } from "./health.ts";
import { limits } from "./limits.ts";
import { FILTER_NAMES, type Filter, type FilterName, type Refusal } from "./refusal.ts";
import { withinResidency } from "./within-residency.ts";

const FILTERS: Readonly<Record<FilterName, Filter>> = {
  capability,
  residency: withinResidency,
  demand,
  budget,
  avoided,
  health,
  limits,
};

/** All that speaks against the backend, in the order of the rules; empty: it is allowed. */
export function refusals(snapshot: BackendSnapshot, request: RoutingRequest, rules: RoutingRules): Refusal[] {
  return FILTER_NAMES.flatMap((name) => FILTERS[name](snapshot, request, rules) ?? []);
}

/** The same question, answered at the first objection. */
export function isAllowed(snapshot: BackendSnapshot, request: RoutingRequest, rules: RoutingRules): boolean {
  return FILTER_NAMES.every((name) => FILTERS[name](snapshot, request, rules) === null);
}
