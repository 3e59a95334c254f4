import { expect, it } from "vitest";
import { heldMarks, type MarkedPrompt, MarkedPrompts } from "./marked-prompts.ts";

const prompt = (length: number, ...keys: string[]): MarkedPrompt => ({
  adapter: "",
  tokens: new Int32Array(length),
  marks: keys.map((key, index) => ({ key, share: (index + 1) / keys.length })),
});

it("keeps the latest prompt of each conversation, and a bounded number of them", () => {
  const prompts = new MarkedPrompts();
  prompts.add(prompt(10, "a"));
  prompts.add(prompt(30, "a", "b"));
  prompts.add(prompt(20, "a", "c"));
  expect(prompts.all().map(({ marks }) => marks.at(-1)?.key)).toEqual(["b", "c"]);
  for (let other = 0; other < 1000; other++) prompts.add(prompt(5, `other ${other}`));
  expect(prompts.all().length).toBe(128);
  expect(prompts.all().at(-1)?.marks[0]?.key).toBe("other 999");
});

it("calls a mark held when all its tokens are, but for the one that is always computed", () => {
  const prompts = [prompt(100, "a", "b"), prompt(60, "a", "c")];
  expect(heldMarks(prompts, [99, 29])).toEqual([
    { key: "a", tokens: 50 },
    { key: "b", tokens: 100 },
  ]);
  expect(heldMarks(prompts, [49, 0])).toEqual([{ key: "a", tokens: 50 }]);
  expect(heldMarks(prompts, [48, 28])).toEqual([]);
});
