import fc from "fast-check";
import { expect, it } from "vitest";
import { piecesOf } from "./pieces.ts";

it("settles paragraphs, headings, tables and fences once the next one begins", () => {
  const text = "# One\n\nA paragraph\nof two lines.\n\n| a |\n|---|\n| b |\n\n```js\nlet a;\n\nlet b;\n```\n\nThe end";
  expect(piecesOf(text)).toEqual([
    "# One\n\n",
    "A paragraph\nof two lines.\n\n",
    "| a |\n|---|\n| b |\n\n",
    "```js\nlet a;\n\nlet b;\n```\n\n",
    "The end",
  ]);
});

it("keeps a list in one piece, with all that hangs on it, and a formula too", () => {
  expect(piecesOf("1. one\n\n   more\n\n2. two\n\n   ```\n   x\n\n   ```\n\nBehind it")).toHaveLength(2);
  expect(piecesOf("$$\na\n\nb\n$$\n\nBehind it")).toEqual(["$$\na\n\nb\n$$\n\n", "Behind it"]);
});

it("does not judge a line by its first characters", () => {
  for (const growing of ["1", "-", "  ", "`", "#"]) expect(piecesOf(`- one\n\n${growing}`)).toHaveLength(1);
});

it("settles nothing behind raw HTML, which may go on", () => {
  expect(piecesOf("One.\n\nTwo.\n\n<details>\n\nThree.\n\nFour.")).toEqual(["One.\n\n", "Two.\n\n<details>\n\nThree.\n\nFour."]);
});

const line = fc.constantFrom(
  "Words",
  "- item",
  "1. item",
  "   deeper",
  "```",
  "~~~js",
  "$$",
  "",
  "",
  "",
  "> said",
  "# Head",
  "| a |",
  "<b>",
  "----",
);

it("law: the pieces are the text, and what is settled stays so however it goes on", () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), fc.nat(), (lines, cut) => {
      const text = lines.join("\n");
      const whole = piecesOf(text);
      expect(whole.join("")).toBe(text);
      const part = piecesOf(text.slice(0, cut % (text.length + 1)));
      expect(whole.slice(0, part.length - 1)).toEqual(part.slice(0, -1));
    }),
    { numRuns: 2000 },
  );
});
