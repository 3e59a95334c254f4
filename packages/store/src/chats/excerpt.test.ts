import { expect, it } from "vitest";
import { excerptOf } from "./excerpt.ts";

const shown = (text: string, q: string) =>
  excerptOf(text, q)
    .map((piece) => (piece.hit ? `[${piece.text}]` : piece.text))
    .join("");

it("marks the words that were looked for, and shows none of what only sets the text", () => {
  expect(shown("Plan for the **slowest** animal.\n\n- `llamas` go", "slowest llama")).toBe(
    "Plan for the [slowest] animal. [llamas] go",
  );
});

it("cuts around the first of them", () => {
  const text = `${"before ".repeat(40)}here it is ${"behind ".repeat(60)}`;
  expect(shown(text, "here")).toMatch(/^…(?:\S* )+\[here\] it is (?:behind )+\S*…$/);
});

it("shows the text as it was written where the word stands in an address alone", () => {
  expect(shown("see [this](https://example.org/llamas)", "llamas")).toContain("[llamas]");
});
