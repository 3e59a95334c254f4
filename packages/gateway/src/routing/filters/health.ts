import type { Filter } from "./refusal.ts";

/** It is ready, stays, is no outlier, and its breaker lets an attempt through. */
export const health: Filter = ({ breaker, draining, ejected, ready }) => {
  if (!ready) return { rule: "health", message: "it is not ready", wanted: "ready", value: "not ready" };
  if (draining) return { rule: "health", message: "it is draining", wanted: "ready", value: "draining" };
  if (ejected) return { rule: "health", message: "it fails more than its peers", wanted: "ready", value: "ejected" };
  if (breaker === "no") return { rule: "health", message: "its circuit breaker is open", wanted: "closed", value: "open" };
  return null;
};
