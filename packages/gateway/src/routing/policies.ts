import type { RoutingPolicyName } from "@arriero/spec";
import type { ScorerName } from "./scorers/scorers.ts";

/** Scorers in their order: each leaves the candidates that cost least, the next decides among those. */
export type RoutingPolicy = readonly ScorerName[];

/** Every policy ends in turns, so that equals share the load and one is left. */
export const ROUTING_POLICIES: Readonly<Record<RoutingPolicyName, RoutingPolicy>> = {
  auto: ["class", "adapter-affinity", "prefix-affinity", "least-work", "round-robin"],
  "round-robin": ["class", "round-robin"],
  "least-work": ["class", "least-work", "round-robin"],
  latency: ["class", "power-of-two", "round-robin"],
  cheapest: ["cheapest", "class", "least-work", "round-robin"],
  "prefix-affinity": ["class", "prefix-affinity", "least-work", "round-robin"],
  weighted: ["class", "weights", "round-robin"],
};
