import fc from "fast-check";
import { expect, test } from "vitest";
import { GrammarTrigger } from "./grammar-trigger.ts";

const feedAll = (trigger: GrammarTrigger, ...pieces: string[]) =>
  pieces.map((piece) => trigger.feed(Buffer.from(piece))).map((found) => found && Buffer.from(found).toString());

test("the output from the trigger on, once it is whole, with what came in the same token", () => {
  expect(feedAll(new GrammarTrigger(["(<call>)"]), "a <", "call", ">{")).toEqual([null, null, "<call>{"]);
  expect(feedAll(new GrammarTrigger(["(<call>)"]), "<call>", "x", " <call> ")).toEqual(["<call>", null, "<call> "]);
});

test("a pattern anchored at the start counts there only", () => {
  const anchored = ['^\\s*(\\{\\s*"name"\\s*:\\s*")'];
  expect(feedAll(new GrammarTrigger(anchored), " \n", '{"name"', ': "')).toEqual([null, null, '{"name": "']);
  expect(feedAll(new GrammarTrigger(anchored), "x", '{"name": "')).toEqual([null, null]);
  expect(feedAll(new GrammarTrigger(anchored), " ".repeat(2000), '{"name": "')).toEqual([null, null]);
});

test("a trigger of any bytes is found however the output is cut, also inside characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 900 }), fc.array(fc.nat(7), { minLength: 1 }), (before, cuts) => {
      fc.pre(!before.includes("▁"));
      const bytes = Buffer.from(`${before}<｜calls▁begin｜>`);
      const trigger = new GrammarTrigger(["(<｜calls▁begin｜>)"]);
      let found: Uint8Array | null = null;
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const length = (cuts[i % cuts.length] as number) + 1;
        found ??= trigger.feed(bytes.subarray(at, at + length));
        at += length;
      }
      expect(Buffer.from(found ?? []).toString()).toBe("<｜calls▁begin｜>");
    }),
    { numRuns: 50 },
  );
});
