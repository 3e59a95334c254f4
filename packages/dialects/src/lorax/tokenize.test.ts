import { expect, test } from "vitest";
import { formatTokenize, parseTokenize } from "./tokenize.ts";

test("special tokens are added unless the body says otherwise", () => {
  expect(parseTokenize({ inputs: "a" }).request).toEqual({ input: { kind: "text", text: "a" }, wantTexts: true });
  expect(parseTokenize({ inputs: "a", add_special_tokens: false }).request).toEqual({ text: "a", wantTexts: true });
  expect(() => parseTokenize({ inputs: 3 })).toThrow(expect.objectContaining({ code: "invalid_request" }));
});

test("places count code points, and a character belongs to the token that completes it", () => {
  const result = { tokens: [9, 5, 6, 7, 8], texts: ["<s>", " A", "", "🦙", "é"] };
  expect(formatTokenize("A🦙é", result)).toEqual([
    { id: 9, text: "", start: 0, stop: 0 },
    { id: 5, text: "A", start: 0, stop: 1 },
    { id: 6, text: "", start: 1, stop: 1 },
    { id: 7, text: "🦙", start: 1, stop: 2 },
    { id: 8, text: "é", start: 2, stop: 3 },
  ]);
});

test("a control token spelled in the text stands where it is spelled", () => {
  const result = { tokens: [9, 9], texts: ["<s>", "<s>"] };
  expect(formatTokenize("<s>", { tokens: [9], texts: ["<s>"] })).toEqual([{ id: 9, text: "<s>", start: 0, stop: 3 }]);
  expect(formatTokenize("<s>", result).at(-1)?.stop).toBe(3);
});
