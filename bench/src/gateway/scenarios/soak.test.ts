import { expect, test } from "vitest";
import { growth } from "./soak.ts";

test("what grew while the streams opened is left out", () => {
  expect(growth([10, 20, 30, 31, 32, 33, 31, 32, 40, 42])).toEqual({ early: 30.5, late: 41 });
  expect(growth([1, 2])).toEqual({ early: null, late: null });
});
