import { ArrieroError } from "@arriero/spec";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isJinjaTemplate } from "./model-parameters.ts";
import { parseModelfile } from "./modelfile.ts";

test("every instruction", () => {
  const file = parseModelfile(
    [
      "# a comment",
      "from ./base.gguf",
      "",
      "ADAPTER ./pirate.gguf",
      "PARAMETER temperature 0.7",
      "PARAMETER top_k 40",
      'PARAMETER stop "<|im_end|>"',
      "PARAMETER stop Bye",
      "PARAMETER num_gpu 3",
      'SYSTEM """',
      "You are a sailor.",
      '  # no comment"""',
      "TEMPLATE {% for m in messages %}{{ m.content }}{% endfor %}",
      'LICENSE "MIT"',
      "MESSAGE user Hello",
      'MESSAGE assistant """Ahoy.',
      'Welcome aboard."""',
    ].join("\r\n"),
  );
  expect(file).toEqual({
    from: "./base.gguf",
    adapters: ["./pirate.gguf"],
    template: "{% for m in messages %}{{ m.content }}{% endfor %}",
    system: "You are a sailor.\n  # no comment",
    parameters: { temperature: 0.7, top_k: 40, stop: ["<|im_end|>", "Bye"] },
    license: "MIT",
    messages: [
      { role: "user", content: "Hello" },
      { role: "assistant", content: "Ahoy.\nWelcome aboard." },
    ],
    ignoredParameters: ["num_gpu"],
  });
});

test.each([
  ["PARAMETER temperature 1", /no FROM line/],
  ["FROM a\nFROM b", /line 2: FROM stands twice/],
  ["FROM a\n\n# x\nCMD run", /line 4: CMD is no instruction/],
  ["FROM", /line 1: FROM has no value/],
  ["FROM a\nPARAMETER temperature hot", /line 2: temperature wants a number, it is "hot"/],
  ["FROM a\nPARAMETER top_k 1.5", /line 2: top_k wants a whole number/],
  ["FROM a\nPARAMETER creativity 1", /line 2: creativity is no parameter/],
  ["FROM a\nPARAMETER temperature", /line 2: PARAMETER wants a name and a value/],
  ["FROM a\nMESSAGE robot hi", /line 2: MESSAGE wants/],
  ['FROM a\nSYSTEM """never closed\nx', /line 2: SYSTEM opens """ and never closes it/],
  ['FROM a\nSYSTEM """a""" b', /line 2: nothing may follow/],
])("%j is refused with its line", (text, message) => {
  expect(() => parseModelfile(text)).toThrow(message);
});

test("any text is read or refused with the same code", () => {
  const word = fc.constantFrom(
    "FROM a\n",
    "SYSTEM ",
    "PARAMETER stop ",
    'MESSAGE user """',
    '"""',
    "\n",
    "#",
    "TEMPLATE ",
    " ",
    '"',
  );
  const text = fc.array(fc.oneof(word, fc.string({ maxLength: 10 })), { maxLength: 20 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, (given) => {
      try {
        parseModelfile(given);
      } catch (error) {
        expect(error).toBeInstanceOf(ArrieroError);
        expect((error as ArrieroError).code).toBe("invalid_request");
      }
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ["{% for message in messages %}", true],
  ["{{- bos_token }}", true],
  ["{{ messages[0].content }}", true],
  ["{{ if .System }}{{ .System }}{{ end }}{{ .Prompt }}", false],
  ["{{- range .Messages }}{{ .Content }}{{- end }}", false],
])("%s is Jinja: %s", (template, expected) => {
  expect(isJinjaTemplate(template)).toBe(expected);
});
