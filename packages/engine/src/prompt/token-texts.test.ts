import fc from "fast-check";
import { expect, it } from "vitest";
import { tokenTexts } from "./token-texts.ts";

/** Tokens 0..255 are bytes, 256 is a control token. */
const bytes = {
  isControl: (token: number) => token === 256,
  piece: (token: number) => (token === 256 ? new Uint8Array() : Uint8Array.of(token)),
  spell: () => "<s>",
};

it("gives a character to the token that completes it, and spells control tokens", () => {
  expect(tokenTexts([256, ...Buffer.from("a¡"), 256], bytes)).toEqual(["<s>", "a", "", "¡", "<s>"]);
});

it("keeps an unfinished character as a replacement", () => {
  expect(tokenTexts([97, 0xc2], bytes)).toEqual(["a", "\ufffd"]);
  expect(tokenTexts([0xc2, 256], bytes)).toEqual(["", "\ufffd<s>"]);
  expect(tokenTexts([], bytes)).toEqual([]);
});

it("joined is the whole text", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (all) => {
      expect(tokenTexts([...all], bytes).join("")).toBe(new TextDecoder("utf-8", { ignoreBOM: true }).decode(all));
    }),
  );
});
