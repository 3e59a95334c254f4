import { ArrieroError, type ToolChoice } from "@arriero/spec";
import { describe, expect, it } from "vitest";
import { GbnfAcceptor } from "../grammar/testing/gbnf-acceptor.ts";
import { outputGrammar } from "./output-grammar.ts";
import { hermesFormat } from "./tools/hermes-format.ts";

const call = (name: string) => `<tool_call>\n{"name": "${name}", "arguments": {}}\n</tool_call>`;
const offer = (choice: ToolChoice) => ({
  format: hermesFormat,
  definitions: ["now", "then"].map((name) => ({ name, parameters: {} })),
  choice,
  parallel: true,
});
const schema = {
  kind: "json-schema",
  schema: { type: "object", properties: { a: { type: "integer" } }, required: ["a"] },
} as const;
const think = (place: "open" | "closed" | "unknown") => ({ start: "<think>", end: "</think>", place }) as const;

function accepts(plan: ReturnType<typeof outputGrammar>, text: string): boolean {
  return new GbnfAcceptor(plan!.grammar).accepts(text, plan!.root);
}

describe("outputGrammar", () => {
  it("is null for free text", () => {
    expect(outputGrammar({ format: { kind: "text" }, tools: null, reasoning: null })).toBe(null);
    expect(outputGrammar({ format: { kind: "text" }, tools: offer({ kind: "none" }), reasoning: think("open") })).toBe(null);
  });

  it("is lazy for free text with tools", () => {
    const plan = outputGrammar({ format: { kind: "text" }, tools: offer({ kind: "auto" }), reasoning: think("unknown") });
    expect(plan!.triggers).toEqual(["(<tool_call>)"]);
    expect(accepts(plan, `${call("now")}\n${call("then")}`)).toBe(true);
    expect(accepts(plan, "text")).toBe(false);
  });

  it("admits a JSON value or calls", () => {
    const plan = outputGrammar({ format: schema, tools: offer({ kind: "auto" }), reasoning: null });
    expect(plan!.triggers).toBe(null);
    expect([accepts(plan, '{"a": 1}'), accepts(plan, call("now")), accepts(plan, "{}")]).toEqual([true, true, false]);
  });

  it("leaves only calls when one is required, and only the one named", () => {
    const required = outputGrammar({ format: schema, tools: offer({ kind: "required" }), reasoning: null });
    expect([accepts(required, '{"a": 1}'), accepts(required, call("then"))]).toEqual([false, true]);
    const named = outputGrammar({ format: { kind: "text" }, tools: offer({ kind: "tool", name: "then" }), reasoning: null });
    expect([
      accepts(named, call("now")),
      accepts(named, call("then")),
      accepts(named, `${call("then")}\n${call("then")}`),
    ]).toEqual([false, true, false]);
  });

  it("lets reasoning pass before the value", () => {
    const plan = (place: "open" | "closed" | "unknown") =>
      outputGrammar({ format: { kind: "json" }, tools: null, reasoning: think(place) });
    const reasoned = "Well <t </thin </</think>\n\n{}";
    expect([
      accepts(plan("open"), reasoned),
      accepts(plan("open"), "{}"),
      accepts(plan("open"), "a</think>{} </think>{}"),
    ]).toEqual([true, false, false]);
    expect([
      accepts(plan("unknown"), `<think>${reasoned}`),
      accepts(plan("unknown"), "{}"),
      accepts(plan("unknown"), reasoned),
    ]).toEqual([true, true, false]);
    expect([accepts(plan("closed"), "{}"), accepts(plan("closed"), "<think>a</think>{}")]).toEqual([true, false]);
  });

  it("takes the caller's grammar as it is, behind reasoning where there is some", () => {
    const format = { kind: "grammar", grammar: 'root ::= "yes" | "no"' } as const;
    expect(outputGrammar({ format, tools: null, reasoning: null })).toEqual({
      grammar: format.grammar,
      root: "root",
      triggers: null,
    });
    const plan = outputGrammar({ format, tools: null, reasoning: think("open") });
    expect([accepts(plan, "hm</think>\nyes"), accepts(plan, "yes")]).toEqual([true, false]);
  });

  it("refuses what cannot be had together", () => {
    const grammar = { kind: "grammar", grammar: 'root ::= "a"' } as const;
    expect(() => outputGrammar({ format: grammar, tools: offer({ kind: "required" }), reasoning: null })).toThrow(ArrieroError);
    expect(() =>
      outputGrammar({ format: { kind: "text" }, tools: offer({ kind: "tool", name: "launch" }), reasoning: null }),
    ).toThrow('tool_choice names "launch", which tools does not define');
  });
});
