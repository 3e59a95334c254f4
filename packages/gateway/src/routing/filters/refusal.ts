import type { BackendSnapshot } from "../backend-snapshot.ts";
import type { RoutingRequest, RoutingRules } from "../routing-request.ts";

/** The rules that may refuse a backend, in the order in which they are asked: lasting reasons before passing ones. */
export const FILTER_NAMES = ["capability", "residency", "demand", "budget", "avoided", "health", "limits"] as const;
export type FilterName = (typeof FILTER_NAMES)[number];

/** Why a backend may not be used: the rule, what it wanted, the value at hand, and both as a sentence's part. */
export interface Refusal {
  readonly rule: FilterName;
  readonly message: string;
  readonly wanted: string | number;
  readonly value: string | number;
}

/** null: nothing against it. */
export type Filter = (snapshot: BackendSnapshot, request: RoutingRequest, rules: RoutingRules) => Refusal | null;
