import { expect, test } from "vitest";
import { tokensAt } from "./token-stream.fixture.ts";
import { worstGap } from "./worst-gap.ts";

const long = tokensAt(1_000, [5_000, 5_050]);

test("the longest wait of any stream while the long prompt is worked on", () => {
  const smooth = tokensAt(0, [900, 1_100, 1_300, 1_500, 2_500, 3_500, 4_500, 5_100]);
  const stalled = tokensAt(0, [980, 1_020, 3_320, 4_800, 5_050]);
  expect(worstGap({ running: [smooth, stalled], long })).toBe(2_300);
});

test("gaps before the long prompt was sent are not its doing", () => {
  const slowStart = tokensAt(0, [100, 990, 1_100, 5_000]);
  expect(worstGap({ running: [slowStart], long })).toBe(3_900);
  const busy = tokensAt(0, [100, 990, ...Array.from({ length: 45 }, (_, index) => 1_000 + index * 100)]);
  expect(worstGap({ running: [busy], long })).toBe(100);
});

test("a stream that fell silent waited until the long prompt had its token", () => {
  expect(worstGap({ running: [tokensAt(0, [900, 1_100])], long })).toBe(3_900);
});
