import type { ToolDefinition } from "@arriero/spec";
import { ArrieroError } from "@arriero/spec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GrammarRules } from "../../grammar/grammar-rules.ts";
import { GbnfAcceptor } from "../../grammar/testing/gbnf-acceptor.ts";
import { FORMAT_SAMPLES } from "./testing/format-samples.ts";
import type { ToolEvent, ToolFormat } from "./tool-format.ts";
import { detectToolFormat, TOOL_FORMATS } from "./tool-formats.ts";

const TOOLS: readonly ToolDefinition[] = [
  {
    name: "get_weather",
    description: "The weather of a city",
    parameters: {
      type: "object",
      properties: {
        city: { type: "string" },
        days: { type: "integer", minimum: 1, maximum: 14 },
        unit: { enum: ["celsius", "fahrenheit"] },
      },
      required: ["city"],
    },
  },
  { name: "now", parameters: { type: "object", properties: {} } },
];

interface Reading {
  text: string;
  calls: { name: string; arguments: string; ended: boolean }[];
}

function collect(reading: Reading, events: readonly ToolEvent[]): void {
  for (const event of events) {
    if (event.type === "text") reading.text += event.text;
    else if (event.type === "call-start") reading.calls.push({ name: event.name, arguments: "", ended: false });
    else if (event.type === "call-arguments") reading.calls.at(-1)!.arguments += event.delta;
    else reading.calls.at(-1)!.ended = true;
  }
}

function read(format: ToolFormat, pieces: readonly string[]): Reading {
  const parser = format.parser(TOOLS);
  const reading: Reading = { text: "", calls: [] };
  for (const piece of pieces) collect(reading, parser.feed(piece));
  collect(reading, parser.finish());
  return reading;
}

function split(text: string, sizes: readonly number[]): string[] {
  const pieces: string[] = [];
  let at = 0;
  for (const size of sizes) {
    pieces.push(text.slice(at, at + size));
    at += size;
  }
  return [...pieces, text.slice(at)];
}

function grammarOf(format: ToolFormat, tools: readonly ToolDefinition[], parallel: boolean): string {
  const rules = new GrammarRules();
  return rules.text(format.grammar(rules, tools, { parallel }));
}

const sizes = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 });

it("has samples for every format", () => {
  expect(FORMAT_SAMPLES.map(({ format }) => format.name).sort()).toEqual(TOOL_FORMATS.map(({ name }) => name).sort());
});

describe.each(FORMAT_SAMPLES.map((sample) => ({ name: sample.format.name, ...sample })))(
  "$name",
  ({ format, template, one, two, mayHaveTextBefore, alien }) => {
    const city = { city: 'Cusco "la imperial" 🦙', days: 3 };

    it("is detected, and no other format claims the template", () => {
      expect(TOOL_FORMATS.filter((other) => other.detects(template)).map(({ name }) => name)).toEqual([format.name]);
      expect(detectToolFormat(template)).toBe(format);
      expect(format.detects("{% for m in messages %}{{ m.role }}: {{ m.content }}{% endfor %}")).toBe(false);
    });

    it("reads a call", () => {
      const { text, calls } = read(format, [one("get_weather", city)]);
      expect(text).toBe("");
      expect(calls.map(({ name, ended }) => [name, ended])).toEqual([["get_weather", true]]);
      expect(JSON.parse(calls[0]!.arguments)).toEqual(city);
    });

    it("reads calls without arguments and several calls", () => {
      const { text, calls } = read(format, [two(["now", {}], ["get_weather", city])]);
      expect(text).toBe("");
      expect(calls.map((call) => [call.name, JSON.parse(call.arguments), call.ended])).toEqual([
        ["now", {}, true],
        ["get_weather", city, true],
      ]);
    });

    it("keeps the text around a call and drops the whitespace at it", () => {
      const before = mayHaveTextBefore ? "Let me look.\n\n" : "";
      const { text, calls } = read(format, [`${before}${one("now", {})}\n Done.\n`]);
      expect(text).toBe(`${before.trimEnd()}Done.\n`);
      expect(calls).toHaveLength(1);
    });

    it("passes text without a call unchanged", () => {
      for (const text of ["", "  Hello, {world}!\n\n", "a < b and [c] {d: 1}", '{"answer": 42}', "[1, 2]", ...alien]) {
        expect(read(format, [text])).toEqual({ text, calls: [] });
      }
    });

    it("reads the same however the text is cut", () => {
      const texts = [one("get_weather", city), `Text. ${two(["now", {}], ["get_weather", city])} More.`, ...alien];
      fc.assert(
        fc.property(fc.constantFrom(...texts), sizes, (text, cuts) => {
          expect(read(format, split(text, cuts))).toEqual(read(format, [text]));
        }),
        { numRuns: 200 },
      );
    });

    it("reads any jumble of marks without failing, losing text or depending on the cuts", () => {
      const atoms = [
        ...format.markers,
        "{",
        "}",
        '"',
        ":",
        ",",
        "\n",
        " ",
        '{"name": "now"',
        '"arguments": {',
        "now",
        "text",
        "🦙",
        "<function=",
        "<parameter=a>",
        "</function>",
        "[",
        "]",
      ];
      fc.assert(
        fc.property(fc.array(fc.constantFrom(...atoms), { maxLength: 14 }), sizes, (parts, cuts) => {
          const text = parts.join("");
          const whole = read(format, [text]);
          expect(read(format, split(text, cuts))).toEqual(whole);
          if (whole.calls.length === 0) expect(whole.text).toBe(text);
        }),
        { numRuns: 400 },
      );
    });

    it("shows a growing reading: what was emitted is never taken back", () => {
      const text = `Text ${two(["now", {}], ["get_weather", city])}`;
      const final = read(format, [text]);
      const parser = format.parser(TOOLS);
      const reading: Reading = { text: "", calls: [] };
      for (const char of text) {
        collect(reading, parser.feed(char));
        expect(final.text.startsWith(reading.text)).toBe(true);
        for (const [index, call] of reading.calls.entries())
          expect(final.calls[index]!.arguments.startsWith(call.arguments)).toBe(true);
        for (const mark of format.markers) expect(reading.text).not.toContain(mark);
      }
    });

    it("leaves a call that is cut off open, with the arguments written so far", () => {
      const text = one("get_weather", city);
      const cut = text.slice(0, text.indexOf("imperial"));
      const { text: rest, calls } = read(format, [cut]);
      expect(rest).toBe("");
      expect(calls).toHaveLength(1);
      expect(calls[0]!.name).toBe("get_weather");
      expect(calls[0]!.ended).toBe(false);
      expect(calls[0]!.arguments).toContain("Cusco");
    });

    it("constrains calls by grammar to what the tools take", () => {
      const single = new GbnfAcceptor(grammarOf(format, TOOLS, false));
      expect(single.accepts(one("get_weather", { city: "Cusco", days: 14, unit: "celsius" }))).toBe(true);
      expect(single.accepts(one("now", {}))).toBe(true);
      expect(single.accepts(one("get_weather", { city: "Cusco", days: 15 }))).toBe(false);
      expect(single.accepts(one("get_weather", { city: "Cusco", unit: "kelvin" }))).toBe(false);
      expect(single.accepts(one("get_weather", {}))).toBe(false);
      expect(single.accepts(one("launch", {}))).toBe(false);
      expect(single.accepts(two(["now", {}], ["now", {}]))).toBe(false);
      const several = new GbnfAcceptor(grammarOf(format, TOOLS, true));
      expect(several.accepts(two(["now", {}], ["get_weather", { city: "Cusco" }]))).toBe(true);
      expect(several.accepts(one("now", {}))).toBe(true);
    });

    it("sets its lazy grammar in at the first character of the call", () => {
      const text = one("now", {});
      const starts = format.triggers.flatMap((trigger) => {
        const found = new RegExp(trigger, "d").exec(text);
        return found === null ? [] : [found.indices![1]![0]];
      });
      expect(starts).toEqual([0]);
    });

    it("names the tool whose parameters it cannot follow", () => {
      const odd = { name: "odd", parameters: { type: "object", properties: { x: { type: "array", uniqueItems: true } } } };
      expect(() => grammarOf(format, [odd], false)).toThrow(ArrieroError);
      expect(() => grammarOf(format, [odd], false)).toThrow(/^the parameters of tool "odd": #.*uniqueItems/);
    });
  },
);
