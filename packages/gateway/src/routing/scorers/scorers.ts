import { adapterAffinity } from "./adapter-affinity.ts";
import { cheapest } from "./cheapest.ts";
import { classPreference } from "./class-preference.ts";
import { leastWork } from "./least-work.ts";
import { powerOfTwo } from "./power-of-two.ts";
import { prefixAffinity } from "./prefix-affinity.ts";
import { roundRobin } from "./round-robin.ts";
import type { Scorer } from "./scorer.ts";
import { weights } from "./weights.ts";

/** Every scorer by the name under which policies declare it. */
export const SCORERS = {
  class: classPreference,
  "adapter-affinity": adapterAffinity,
  "prefix-affinity": prefixAffinity,
  "least-work": leastWork,
  "power-of-two": powerOfTwo,
  cheapest,
  weights,
  "round-robin": roundRobin,
} as const satisfies Record<string, Scorer>;

export type ScorerName = keyof typeof SCORERS;
