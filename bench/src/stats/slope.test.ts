import { expect, test } from "vitest";
import { slope } from "./slope.ts";

test("the line of least squares", () => {
  const points = [1, 2, 3, 4].map((x) => ({ x, y: 10 + 3 * x }));
  expect(slope(points)).toBeCloseTo(3, 12);
  expect(
    slope([
      { x: 0, y: 1 },
      { x: 1, y: 5 },
      { x: 2, y: 3 },
    ]),
  ).toBeCloseTo(1, 12);
});

test("one place has none", () => {
  expect(slope([])).toBeNull();
  expect(
    slope([
      { x: 2, y: 1 },
      { x: 2, y: 3 },
    ]),
  ).toBeNull();
});
