import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { displayWidth, pad, truncate, wrapWords } from "./text-width.ts";

describe("displayWidth", () => {
  it.each([
    ["llama", 5],
    ["\u001b[31mllama\u001b[39m", 5],
    ["niño", 4],
    ["nin\u0303o", 4],
    ["日本語", 6],
    ["👩‍👩‍👧", 2],
    ["", 0],
  ])("%j takes %i cells", (text, width) => expect(displayWidth(text)).toBe(width));
});

describe("truncate", () => {
  it("never exceeds the width", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat(40), (text, width) => displayWidth(truncate(text, width)) <= width),
      { numRuns: 300 },
    );
  });
  it("marks the cut", () => expect(truncate("arriero-demo", 8)).toBe("arriero…"));
  it("does not halve a wide character", () => expect(truncate("日本語", 4)).toBe("日…"));
});

describe("pad", () => {
  it("aligns by cells, not characters", () => {
    expect(pad("日", 4)).toBe("日  ");
    expect(pad("7", 3, "right")).toBe("  7");
  });
});

describe("wrapWords", () => {
  it("breaks between words and keeps paragraphs", () =>
    expect(wrapWords("one two three\nfour", 8)).toEqual(["one two", "three", "four"]));
  it("leaves a long word whole", () => expect(wrapWords("a abcdefghij b", 4)).toEqual(["a", "abcdefghij", "b"]));
});
