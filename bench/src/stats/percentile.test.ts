import { expect, test } from "vitest";
import { median, percentile } from "./percentile.ts";

test("interpolates between neighbours and does not care for order", () => {
  expect(percentile([30, 10, 20, 40], 0.5)).toBe(25);
  expect(percentile([30, 10, 20, 40], 0)).toBe(10);
  expect(percentile([30, 10, 20, 40], 1)).toBe(40);
  expect(median([3])).toBe(3);
});

test("nothing has no median", () => {
  expect(median([])).toBeNaN();
});
