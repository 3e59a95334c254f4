import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gapQuantile, NO_GAPS, observeGaps } from "./gap-histogram.ts";

describe("a histogram of gaps", () => {
  it("knows nothing at first", () => expect(gapQuantile(NO_GAPS, 0.99)).toBeNull());

  it("gives a quantile within a quarter", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1, max: 1_000_000, noNaN: true }), { minLength: 1, maxLength: 300 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (gaps, share) => {
          const sorted = [...gaps].sort((a, b) => a - b);
          const exact = sorted[Math.ceil(share * gaps.length) - 1]!;
          const told = gapQuantile(observeGaps(NO_GAPS, gaps), share)!;
          expect(told).toBeGreaterThanOrEqual(exact * (1 - 1e-6));
          expect(told).toBeLessThanOrEqual(exact * 1.25 * (1 + 1e-6));
        },
      ),
    );
  });

  it("stays small and forgets what was", () => {
    const slow = observeGaps(NO_GAPS, Array<number>(4096).fill(5000));
    const fast = observeGaps(slow, Array<number>(100_000).fill(10));
    expect(fast.counts).toHaveLength(64);
    expect(fast.total).toBeLessThanOrEqual(4096);
    expect(gapQuantile(fast, 0.99)).toBeLessThan(13);
  });

  it("leaves out what is no time", () => {
    expect(observeGaps(NO_GAPS, [Number.NaN, Number.POSITIVE_INFINITY, -1])).toEqual(NO_GAPS);
  });
});
