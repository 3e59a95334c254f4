import { type GapHistogram, gapQuantile } from "./gap-histogram.ts";

export interface StallRules {
  /** Never less: a collection of garbage or a lost packet is no stall. */
  readonly floorMs: number;
  /** This many times the 99th percentile of the gaps seen. */
  readonly factor: number;
  /** Gaps below which nothing is learnt yet. */
  readonly leastGaps: number;
}

export const STALL_RULES: StallRules = { floorMs: 2_000, factor: 10, leastGaps: 64 };

/**
 * How long a backend's stream may be silent before it counts as stalled, learnt from its own gaps between tokens.
 * `idleMs` is the bound until enough was seen, and the longest ever.
 */
export function stallBound(gaps: GapHistogram, idleMs: number, rules: StallRules = STALL_RULES): number {
  const p99 = gapQuantile(gaps, 0.99);
  if (p99 === null || gaps.total < rules.leastGaps) return idleMs;
  return Math.min(idleMs, Math.max(rules.floorMs, rules.factor * p99));
}
