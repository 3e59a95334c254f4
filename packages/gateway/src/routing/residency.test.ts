import type { ResidencyPolicy } from "@arriero/spec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { combineResidency, intersectRegions, NO_RESIDENCY, type Place, residencyObjection } from "./residency.ts";
import { anyPlace, anyPolicy } from "./testing/arbitraries.ts";

const policy = (changes: Partial<ResidencyPolicy>): ResidencyPolicy => ({ ...NO_RESIDENCY, ...changes });
const place = (regions: string[], boundary: Place["boundary"] = "contractual"): Place => ({ regions, boundary });
const allows = (by: ResidencyPolicy, where: Place) => residencyObjection(by, where) === null;

describe("regions", () => {
  it.each([
    [null, null, null],
    [["eu-*"], null, ["eu-*"]],
    [["eu-*"], ["eu-west-1", "us-east-1"], ["eu-west-1"]],
    [["eu-west-*"], ["eu-*"], ["eu-west-*"]],
    [["*"], ["eu-*"], ["eu-*"]],
    [["eu-*"], ["us-*"], []],
    [[], null, []],
    [["a", "a"], ["a"], ["a"]],
  ])("%j and %j leave %j", (a, b, both) => {
    expect(intersectRegions(a, b)).toEqual(both);
    expect(new Set(intersectRegions(b, a))).toEqual(new Set(both));
  });
});

describe("a residency policy", () => {
  const cases: [string, Partial<ResidencyPolicy>, Place, boolean][] = [
    ["allows what it says nothing about", {}, place([]), true],
    ["wants every region of a backend allowed", { allowedRegions: ["eu-*"] }, place(["eu-west-1", "us-east-1"]), false],
    ["allows where all are", { allowedRegions: ["eu-*", "ch"] }, place(["eu-west-1", "ch"]), true],
    ["takes an unknown region for a forbidden one", { allowedRegions: ["eu-*"] }, place([]), false],
    ["allows it where any region is", { allowedRegions: ["*"] }, place([]), true],
    ["allows nothing by an empty list", { allowedRegions: [] }, place(["eu-west-1"]), false],
    ["does not take a name for the beginning of others", { allowedRegions: ["eu-west"] }, place(["eu-west-1"]), false],
    ["refuses an undefined boundary when silent", {}, place(["a"], "undefined"), false],
    ["refuses it when it says so", { allowUndefinedBoundary: false }, place(["a"], "undefined"), false],
    ["allows it when it says so", { allowUndefinedBoundary: true }, place(["a"], "undefined"), true],
    ["never for internal data", { allowUndefinedBoundary: true, dataClass: "internal" }, place(["a"], "undefined"), false],
    ["is content with documents for internal data", { dataClass: "internal" }, place(["a"], "documented"), true],
    ["wants a contract for confidential data", { dataClass: "confidential" }, place(["a"], "documented"), false],
  ];
  it.each(cases)("%s", (_, by, where, allowed) => expect(allows(policy(by), where)).toBe(allowed));

  it("says the value and what was wanted", () => {
    expect(residencyObjection(policy({ allowedRegions: ["eu-*"] }), place(["us-east-1"]))).toEqual({
      message: "region us-east-1 is not allowed; allowed: eu-*",
      wanted: "eu-*",
      value: "us-east-1",
    });
  });
});

describe("combined policies", () => {
  it("let the operators' layers allow undefined boundaries, and one of them forbid it", () => {
    const yes = policy({ allowUndefinedBoundary: true });
    const no = policy({ allowUndefinedBoundary: false });
    expect(combineResidency([NO_RESIDENCY, yes]).allowUndefinedBoundary).toBe(true);
    expect(combineResidency([no, yes]).allowUndefinedBoundary).toBe(false);
    expect(combineResidency([yes], no).allowUndefinedBoundary).toBe(false);
    expect(combineResidency([NO_RESIDENCY], yes).allowUndefinedBoundary).toBeNull();
  });

  it("allow a place just where each layer's regions and class do", () => {
    fc.assert(
      fc.property(fc.array(anyPolicy, { minLength: 1, maxLength: 4 }), anyPlace, (layers, where) => {
        const silentOnBoundary = layers.map((layer) => ({ ...layer, allowUndefinedBoundary: true }));
        const combined = combineResidency(silentOnBoundary);
        expect(allows(combined, where)).toBe(silentOnBoundary.every((layer) => allows(layer, where)));
      }),
    );
  });

  it("never gain a place by what a request asks", () => {
    fc.assert(
      fc.property(fc.array(anyPolicy, { maxLength: 3 }), anyPolicy, anyPlace, (layers, asked, where) => {
        if (allows(combineResidency(layers, asked), where)) expect(allows(combineResidency(layers), where)).toBe(true);
      }),
    );
  });
});
