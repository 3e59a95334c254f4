import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editDistance, nearest } from "./suggestion.ts";

describe("editDistance", () => {
  it.each([
    ["list", "list", 0],
    ["lsit", "list", 1],
    ["lis", "list", 1],
    ["", "abc", 3],
    ["kitten", "sitting", 3],
  ])("%s -> %s is %i", (from, to, distance) => expect(editDistance(from, to)).toBe(distance));
  it("is symmetric and zero only for equals", () =>
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
      }),
    ));
});

describe("nearest", () => {
  const words = ["up", "list", "pull", "show", "completion"];
  it.each([
    ["lst", "list"],
    ["pul", "pull"],
    ["compl", "completion"],
    ["shwo", "show"],
    ["xyz", null],
  ])("%s -> %s", (typed, word) => expect(nearest(typed, words)).toBe(word));
});
