import type { Filter } from "./refusal.ts";

/** It can do all that the request needs. Our engine loads an adapter when it is wanted; others must have it. */
export const capability: Filter = ({ adapters, backend }, { adapter, needs }) => {
  const missing = needs.find((need) => !backend.capabilities.includes(need));
  if (missing !== undefined) {
    return { rule: "capability", message: `it has no ${missing}`, wanted: missing, value: backend.capabilities.join(", ") };
  }
  if (adapter === null || backend.kind === "engine" || adapters.includes(adapter)) return null;
  return {
    rule: "capability",
    message: `it does not have the adapter ${adapter}`,
    wanted: adapter,
    value: adapters.join(", ") || "none",
  };
};
