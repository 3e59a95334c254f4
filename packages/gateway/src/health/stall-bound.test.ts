import { expect, it } from "vitest";
import { NO_GAPS, observeGaps } from "./gap-histogram.ts";
import { stallBound } from "./stall-bound.ts";

const gaps = (count: number, ms: number) => observeGaps(NO_GAPS, Array<number>(count).fill(ms));

it.each([
  ["nothing is known", NO_GAPS, 60_000],
  ["too little is known", gaps(63, 10), 60_000],
  ["tokens come fast: the floor", gaps(64, 10), 2_000],
  ["tokens come very slowly: no longer than idleMs", gaps(64, 50_000), 60_000],
])("%s", (_, histogram, bound) => expect(stallBound(histogram, 60_000)).toBe(bound));

it("is ten times the 99th percentile in between, whatever the rarest gaps are", () => {
  const bound = stallBound(observeGaps(gaps(1000, 500), [40_000, 40_000]), 60_000);
  expect(bound).toBeGreaterThanOrEqual(5_000);
  expect(bound).toBeLessThanOrEqual(6_250);
});
