import fc from "fast-check";
import { expect, it } from "vitest";
import { plainWords } from "./plain-words.ts";

it.each([
  ["a **strong** word, an *em* one and ~~none~~", "a strong word, an em one and none"],
  ["__both__ and `code` and ***all***", "both and code and all"],
  ["## A title\n\n> said\n\n- one\n2. two", "A title\n\nsaid\n\none\ntwo"],
  ["see [the page](https://example.org/a?b) and ![a llama](x.png)", "see the page and a llama"],
  ["2**3 and 2 * 3 and snake_case_name and a*b", "2**3 and 2 * 3 and snake_case_name and a*b"],
])("%j reads %j", (markdown, words) => expect(plainWords(markdown)).toBe(words));

it("takes a table and a fence apart into their words", () => {
  const words = plainWords("| llama | load |\n|---|:--:|\n| Wayra | 28 kg |\n\n```ts\nconst a = 1;\n```");
  expect(words.split(/\s+/).filter(Boolean)).toEqual(["llama", "load", "Wayra", "28", "kg", "const", "a", "=", "1;"]);
});

it("law: what has no marks is left as it is, and nothing grows", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[\p{L}\p{N} ,.]*$/u), (text) => {
      expect(plainWords(`x ${text}`)).toBe(`x ${text}`);
    }),
  );
  fc.assert(
    fc.property(fc.string({ maxLength: 400 }), (text) => {
      expect(plainWords(text).length).toBeLessThanOrEqual(text.length);
    }),
  );
});
