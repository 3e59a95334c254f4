import { expect, test } from "vitest";
import { uniform } from "./draw.ts";

test("the draw depends on seed and position alone", () => {
  expect(uniform(7, 3)).toBe(uniform(7, 3));
  expect(uniform(7, 3)).not.toBe(uniform(7, 4));
  expect(uniform(7, 3)).not.toBe(uniform(8, 3));
});

test("draws are uniform over positions and over seeds, and neighbours do not follow each other", () => {
  const bins = 64;
  const draws = 64_000;
  for (const sample of [(i: number) => uniform(42, i), (i: number) => uniform(i, 0), (i: number) => uniform(i, i)]) {
    const counts = new Array<number>(bins).fill(0);
    let product = 0;
    for (let i = 0; i < draws; i++) {
      const u = sample(i);
      expect(u >= 0 && u < 1).toBe(true);
      counts[Math.floor(u * bins)]!++;
      product += (u - 0.5) * (sample(i + 1) - 0.5);
    }
    const expected = draws / bins;
    const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    // 63 degrees of freedom: 110 is beyond the 99.97th percentile; the inputs are fixed, so this never flickers.
    expect(chiSquare).toBeLessThan(110);
    expect(Math.abs(product / draws)).toBeLessThan(0.002);
  }
});
