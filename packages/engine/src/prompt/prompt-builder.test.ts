import { GenerationRequest } from "@arriero/spec";
import { describe, expect, it } from "vitest";
import { PromptBuilder } from "./prompt-builder.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** Every character is a token. */
const letters: Tokenizer = {
  size: 0x110000,
  bosText: "",
  eosText: "",
  tokenize: (text) => Int32Array.from(text, (letter) => letter.codePointAt(0)!),
  piece: (token) => Buffer.from(String.fromCodePoint(token)),
  spell: (token) => String.fromCodePoint(token),
  isControl: () => false,
};

const plain =
  "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}";
const thinking = `${plain}{% if add_generation_prompt %}<think>\n{% endif %}`;

function build(template: string, prefill?: string) {
  const input = { kind: "chat", messages: [{ role: "user", content: "hi" }], ...(prefill === undefined ? {} : { prefill }) };
  const request = GenerationRequest.parse({ id: "r", model: "m", input, sampling: { seed: 1 } });
  const builder = new PromptBuilder(letters, template, () => new Date(0));
  const { createReader, tokens } = builder.build(request);
  expect(builder.tokenize(request.input)).toEqual(tokens);
  const reader = createReader(0);
  return { prompt: String.fromCodePoint(...tokens), reader };
}

describe("the beginning of an answer", () => {
  it("stands behind the template's own opening of it", () => {
    expect(build(plain).prompt).toBe("<user>hi<assistant>");
    expect(build(plain, "Arriero is").prompt).toBe("<user>hi<assistant>Arriero is");
  });
  it("ends the reasoning that the template opened", () => {
    expect(build(thinking).prompt).toBe("<user>hi<assistant><think>\n");
    expect(build(thinking, "Arriero is").prompt).toBe("<user>hi<assistant><think>\n</think>\n\nArriero is");
  });
});
