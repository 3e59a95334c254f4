import fc from "fast-check";
import { expect, it } from "vitest";
import { SLOW_START_RULES, slowStartShare } from "./slow-start.ts";

it.each([
  [-5, 0.1],
  [0, 0.1],
  [3_000, 0.1],
  [15_000, 0.5],
  [30_000, 1],
  [Number.POSITIVE_INFINITY, 1],
])("%d ms after the start the share is %d", (age, share) => expect(slowStartShare(age)).toBeCloseTo(share, 12));

it("is off with an empty window", () => expect(slowStartShare(0, { windowMs: 0, leastShare: 0.1 })).toBe(1));

it("only grows, between the least share and 1", () => {
  fc.assert(
    fc.property(fc.nat(60_000), fc.nat(60_000), (age, more) => {
      const share = slowStartShare(age);
      expect(share).toBeGreaterThanOrEqual(SLOW_START_RULES.leastShare);
      expect(slowStartShare(age + more)).toBeGreaterThanOrEqual(share);
      expect(slowStartShare(age + more)).toBeLessThanOrEqual(1);
    }),
  );
});
