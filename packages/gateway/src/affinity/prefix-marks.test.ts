import { type ChatMessage, GenerationInput } from "@arriero/spec";
import fc from "fast-check";
import { expect, it } from "vitest";
import { prefixMarks } from "./prefix-marks.ts";

const chat = (messages: ChatMessage[], adapter: string | null = null) => ({
  adapter,
  input: GenerationInput.parse({ kind: "chat", messages }),
});
const user = (content: string): ChatMessage => ({ role: "user", content });
const keys = (request: Parameters<typeof prefixMarks>[0]) => prefixMarks(request).map(({ key }) => key);

it("marks of a turn are marks of the turns after it", () => {
  const message = fc.record({ role: fc.constantFrom("user", "assistant"), content: fc.string({ maxLength: 900 }) });
  fc.assert(
    fc.property(fc.array(message, { minLength: 2, maxLength: 12 }), fc.nat({ max: 10 }), (drawn, cut) => {
      const messages = drawn as ChatMessage[];
      const turn = 1 + (cut % (messages.length - 1));
      const later = new Set(keys(chat(messages)));
      expect(keys(chat(messages.slice(0, turn))).filter((key) => !later.has(key))).toEqual([]);
    }),
  );
});

it("prompts that differ share exactly the marks before the difference", () => {
  const long = "The caravan crosses the pass. ".repeat(100);
  const one = keys(chat([user(`${long} One?`)]));
  const other = keys(chat([user(`${long} Another?`)]));
  const shared = one.filter((key) => other.includes(key));
  expect(shared.length).toBeGreaterThan(3);
  expect(shared.length).toBeLessThan(one.length);
  expect(one.slice(0, shared.length)).toEqual(shared);
});

it("shares grow to the whole, and their number is bounded", () => {
  const turns = Array.from({ length: 500 }, (_, turn) => user(`turn ${turn} `.repeat(40)));
  const marks = prefixMarks(chat(turns));
  expect(marks.length).toBeLessThanOrEqual(48);
  expect(marks.map(({ share }) => share)).toEqual(marks.map(({ share }) => share).sort((a, b) => a - b));
  expect(marks.at(-1)?.share).toBe(1);
});

it("another adapter, or the same words as bare text, is another prompt", () => {
  const all = [
    chat([user("hello")]),
    chat([user("hello")], "pirate"),
    { adapter: null, input: GenerationInput.parse({ kind: "text", text: "hello" }) },
    { adapter: null, input: GenerationInput.parse({ kind: "tokens", tokens: [1, 2] }) },
  ].flatMap(keys);
  expect(new Set(all).size).toBe(all.length);
});
