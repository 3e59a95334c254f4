import { expect, it } from "vitest";
import { readParameters } from "./parameters.ts";

it("takes what was filled in, and nothing else", () => {
  const fields = new FormData();
  for (const [name, value] of [
    ["temperature", "0.7"],
    ["topK", ""],
    ["seed", "0"],
    ["maxTokens", "many"],
    ["other", "1"],
  ] as const)
    fields.set(name, value);
  expect(readParameters(fields)).toEqual({ temperature: 0.7, seed: 0 });
});
