import { expect, it } from "vitest";
import { NO_GAPS, observeGaps } from "./gap-histogram.ts";
import { wholePatience } from "./whole-patience.ts";

const answers = (count: number, ms: number) => observeGaps(NO_GAPS, Array<number>(count).fill(ms));

it.each([
  ["nothing is known", NO_GAPS, 0],
  ["too little is known", answers(63, 10), 0],
  ["answers are short: the floor", answers(64, 10), 5_000],
  ["one in fifty is long", observeGaps(answers(490, 10), Array<number>(10).fill(20_000)), 0],
  ["answers are long", answers(1000, 2_500), 0],
])("%s", (_, histogram, patience) => expect(wholePatience(histogram)).toBe(patience));

it("is ten times the 99th percentile where that is more", () => {
  expect(wholePatience(answers(100, 790))).toBeGreaterThan(7_500);
});
