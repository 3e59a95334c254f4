import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LATENCY_DECAY_MS, latencyAt, observeLatency, type PeakEwma } from "./peak-ewma.ts";

describe("peak EWMA", () => {
  it("jumps to a peak and comes down slowly", () => {
    const calm = observeLatency(null, 100, 0);
    const peak = observeLatency(calm, 900, 10);
    expect(peak.ms).toBe(900);
    const later = observeLatency(peak, 100, 10 + LATENCY_DECAY_MS);
    expect(later.ms).toBeCloseTo(900 / Math.E + 100 * (1 - 1 / Math.E), 9);
  });
  it("sinks while nothing is heard", () => {
    const peak = observeLatency(null, 900, 0);
    expect(latencyAt(peak, 0)).toBe(900);
    expect(latencyAt(peak, 5 * LATENCY_DECAY_MS)).toBeLessThan(10);
    expect(latencyAt(null, 0)).toBeNull();
  });
  it("stays within what was observed, also when the clock steps back", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -50, max: 5000 }), fc.integer({ min: 1, max: 60_000 })), { minLength: 1 }),
        (observed) => {
          let now = 0;
          let average: PeakEwma | null = null;
          for (const [wait, ms] of observed) {
            now += wait;
            average = observeLatency(average, ms, now);
            expect(average.ms).toBeGreaterThanOrEqual(ms - 1e-6);
          }
          expect(average!.ms).toBeLessThanOrEqual(Math.max(...observed.map(([, ms]) => ms)));
        },
      ),
    );
  });
});
