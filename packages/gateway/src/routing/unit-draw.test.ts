import { expect, it } from "vitest";
import { unitDraw } from "./unit-draw.ts";

it("is strictly between 0 and 1, even, and another for another salt", () => {
  const tenths = new Array<number>(10).fill(0);
  for (let i = 0; i < 10_000; i++) {
    const value = unitDraw(i / 10_000, "a");
    expect(value > 0 && value < 1).toBe(true);
    tenths[Math.floor(value * 10)]! += 1;
  }
  for (const count of tenths) expect(count / 1000).toBeCloseTo(1, 0);
  expect(Math.min(...tenths)).toBeGreaterThan(850);
  expect(unitDraw(0.5, "a")).not.toBe(unitDraw(0.5, "b"));
});
