export interface SlowStartRules {
  /** From becoming ready to its full share. Milliseconds; 0: at once. */
  readonly windowMs: number;
  /** The share it begins with, above 0: without any work it would never warm up. */
  readonly leastShare: number;
}

export const SLOW_START_RULES: SlowStartRules = { windowMs: 30_000, leastShare: 0.1 };

/** The share of its usual load that a backend should get `ageMs` after it became ready: it grows evenly up to 1. */
export function slowStartShare(ageMs: number, rules: SlowStartRules = SLOW_START_RULES): number {
  if (rules.windowMs === 0 || ageMs >= rules.windowMs) return 1;
  return Math.max(rules.leastShare, ageMs / rules.windowMs);
}
