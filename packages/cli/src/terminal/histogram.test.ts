import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ASCII, UNICODE } from "./glyphs.ts";
import { bar, buckets, histogram, quantile } from "./histogram.ts";
import { createPalette } from "./palette.ts";
import { displayWidth } from "./text-width.ts";

const palette = createPalette("none");
const samples = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 });

describe("buckets", () => {
  it("loses no sample", () =>
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 20 }), (values, count) => {
        expect(buckets(values, count).reduce((sum, each) => sum + each.count, 0)).toBe(values.length);
      }),
    ));
  it("takes samples too close together to divide", () => {
    expect(buckets([0, Number.MIN_VALUE], 2).map((each) => each.count)).toEqual([1, 1]);
  });
  it("is one bucket when all are equal, none when there are none", () => {
    expect(buckets([5, 5], 10)).toEqual([{ from: 5, to: 5, count: 2 }]);
    expect(buckets([], 10)).toEqual([]);
  });
});

describe("bar", () => {
  it("shows eighths and never hides a sample", () => {
    expect(bar(1, 4, UNICODE)).toBe("████");
    expect(bar(0.5, 3, UNICODE)).toBe("█▌");
    expect(bar(0.0001, 10, UNICODE)).toBe("▏");
    expect(bar(0, 10, UNICODE)).toBe("");
    expect(bar(0.5, 4, ASCII)).toBe("==");
  });
});

describe("histogram", () => {
  it("fits the width", () => {
    const text = histogram([1, 2, 2, 3, 900], { width: 40, glyphs: UNICODE, palette });
    expect(text.split("\n")).toHaveLength(10);
    for (const line of text.split("\n")) expect(displayWidth(line)).toBeLessThanOrEqual(40);
  });
  it("is empty without samples", () => expect(histogram([], { width: 40, glyphs: UNICODE, palette })).toBe(""));
});

describe("quantile", () => {
  it("interpolates", () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(quantile([7], 0.99)).toBe(7);
    expect(quantile([], 0.5)).toBeNaN();
  });
  it("lies between the extremes", () =>
    fc.assert(
      fc.property(samples, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const sorted = [...values].sort((a, b) => a - b);
        const value = quantile(sorted, share);
        expect(value).toBeGreaterThanOrEqual(sorted[0]!);
        expect(value).toBeLessThanOrEqual(sorted.at(-1)!);
      }),
    ));
});
