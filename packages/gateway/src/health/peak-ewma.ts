/**
 * A moving average of latency that rises at once to a peak and forgets it slowly, so that one slow answer counts before a
 * second is sent there. After Finagle's "peak EWMA" balancer. Milliseconds of one clock.
 */
export interface PeakEwma {
  readonly ms: number;
  readonly at: number;
}

/** Time in which an observation's weight falls to 1/e. */
export const LATENCY_DECAY_MS = 10_000;

export function observeLatency(before: PeakEwma | null, ms: number, now: number, decayMs: number = LATENCY_DECAY_MS): PeakEwma {
  if (before === null || ms >= before.ms) return { ms, at: now };
  const kept = Math.exp(-Math.max(0, now - before.at) / decayMs);
  return { ms: before.ms * kept + ms * (1 - kept), at: now };
}

/** The average now: without news it sinks towards 0, so that a backend once slow is tried again. null: never observed. */
export function latencyAt(average: PeakEwma | null, now: number, decayMs: number = LATENCY_DECAY_MS): number | null {
  return average === null ? null : average.ms * Math.exp(-Math.max(0, now - average.at) / decayMs);
}
