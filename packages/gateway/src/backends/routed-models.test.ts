import { expect, test } from "vitest";
import { keyResidency } from "../routing/key-residency.ts";
import { NO_RESIDENCY } from "../routing/residency.ts";
import { RoutedModels } from "./routed-models.ts";

const key = (allowedRegions: string[] | null, dataClass: string | null = null) => keyResidency({ allowedRegions, dataClass });

test("a key that says nothing leaves the installation's policy as it is", () => {
  const routed = new RoutedModels([], { ...NO_RESIDENCY, allowedRegions: ["eu-*"] }, ["eu-central-1"]);
  expect(routed.residencyFor(null)).toEqual(routed.residencyFor(key(null)));
  expect(() => routed.requireHere(key(null))).not.toThrow();
});

test.each([
  ["a region elsewhere", ["us-*"], null, ["eu-central-1"]],
  ["a region, where this server's own is not named", ["eu-*"], null, []],
  ["confidential data, for which documentation is not enough", null, "confidential", ["eu-central-1"]],
  ["a data class that nobody knows", null, "cosmic", ["eu-central-1"]],
])("a key with %s gets no answer from this server's replicas", (_, regions, dataClass, ownRegions) => {
  const routed = new RoutedModels([], NO_RESIDENCY, ownRegions);
  expect(() => routed.requireHere(key(regions, dataClass))).toThrow(expect.objectContaining({ code: "forbidden" }));
});

test("a key narrows the installation's policy and never widens it", () => {
  const routed = new RoutedModels([], { ...NO_RESIDENCY, allowedRegions: ["eu-*"] }, ["eu-central-1"]);
  expect(routed.residencyFor(key(["eu-west-1", "us-east-1"])).allowedRegions).toEqual(["eu-west-1"]);
});
