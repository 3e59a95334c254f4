import { expect, it } from "vitest";
import { allowsModel } from "./model-pattern.ts";

it.each([
  [null, "anything", true],
  [[], "anything", false],
  [["llama"], "llama", true],
  [["llama"], "llama-2", false],
  [["llama-*"], "llama-", true],
  [["*"], "", true],
  [["*+pirate"], "demo+pirate", true],
  [["a*b*c"], "a-b-b-c", true],
  [["a*b*c"], "a-c-b", false],
  [["ab*bc"], "abc", false],
  [["a.c"], "abc", false],
  [["x", "demo"], "demo", true],
] as const)("%j on %s: %s", (models, model, allowed) => expect(allowsModel({ models }, model)).toBe(allowed));
