import { ArrieroError } from "@arriero/spec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonObjectGrammar } from "./json-object-grammar.ts";
import { jsonSchemaToGbnf } from "./json-schema-to-gbnf.ts";
import { REFUSED_KEYWORDS } from "./schema-keywords.ts";
import { GbnfAcceptor } from "./testing/gbnf-acceptor.ts";
import { SAMPLE_SCHEMAS } from "./testing/sample-schemas.ts";
import { schemaCase } from "./testing/schema-arbitrary.ts";

const acceptor = (schema: unknown) => new GbnfAcceptor(jsonSchemaToGbnf(schema));

function refusal(schema: unknown): string {
  try {
    jsonSchemaToGbnf(schema);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(ArrieroError);
    expect((thrown as ArrieroError).code).toBe("invalid_schema");
    return (thrown as ArrieroError).message;
  }
  return "accepted";
}

describe("jsonSchemaToGbnf", () => {
  it.each(SAMPLE_SCHEMAS)("$name", ({ schema, accepts, refuses }) => {
    const grammar = acceptor(schema);
    for (const value of accepts) expect([value, grammar.accepts(JSON.stringify(value))]).toEqual([value, true]);
    for (const value of refuses) expect([value, grammar.accepts(JSON.stringify(value))]).toEqual([value, false]);
  });

  it("accepts instances valid by construction and refuses broken ones", () => {
    fc.assert(
      fc.property(schemaCase, ({ schema, instance, broken }) => {
        const grammar = acceptor(schema);
        expect([instance, grammar.accepts(JSON.stringify(instance))]).toEqual([instance, true]);
        for (const bad of broken) expect([bad, grammar.accepts(JSON.stringify(bad))]).toEqual([bad, false]);
      }),
      { numRuns: 400 },
    );
  });

  it("accepts the layouts models write, and bounds the whitespace", () => {
    const grammar = acceptor({
      type: "object",
      properties: { a: { type: "array", items: { type: "integer" } } },
      required: ["a"],
    });
    expect(grammar.accepts('{"a":[1,2]}')).toBe(true);
    expect(grammar.accepts('{"a": [1, 2]}')).toBe(true);
    expect(grammar.accepts('{\n  "a": [\n    1,\n    2\n  ]\n}')).toBe(true);
    expect(grammar.accepts('{"a":   [1]}')).toBe(false);
    expect(grammar.accepts('{"a": [1]}\n')).toBe(false);
  });

  it("names the path and the keyword it does not support", () => {
    for (const keyword of REFUSED_KEYWORDS) {
      expect(refusal({ type: "object", properties: { x: { [keyword]: { type: "string" } } } })).toBe(
        `#/properties/x: the keyword "${keyword}" is not supported`,
      );
    }
  });

  it("ignores annotations and unknown keywords", () => {
    expect(
      jsonSchemaToGbnf({ type: "null", title: "t", description: "d", default: 1, "x-own": 2, examples: [], uniqueItems: false }),
    ).toBe(jsonSchemaToGbnf({ type: "null" }));
  });

  it.each([
    ["a schema that is no schema", 7, "#: a schema is an object or a boolean, not 7"],
    ["false", { properties: { a: false } }, "#/properties/a: the schema `false` admits no value"],
    ["an unknown type", { type: "text" }, '#: the type "text" is unknown'],
    [
      "a reference to another document",
      { $ref: "https://example.org/x" },
      '#: $ref "https://example.org/x" is not local: only # and #/... are followed',
    ],
    ["a dangling reference", { $ref: "#/$defs/x" }, '#: $ref "#/$defs/x" leads nowhere'],
    ["a reference to the prototype", { $ref: "#/constructor" }, '#: $ref "#/constructor" leads nowhere'],
    ["a reference to itself", { $ref: "#" }, '#: $ref "#" refers to itself without an object or array between'],
    [
      "a branch that is itself",
      { $defs: { a: { anyOf: [{ $ref: "#/$defs/a" }, { type: "null" }] } }, $ref: "#/$defs/a" },
      '#/anyOf/0: $ref "#/$defs/a" refers to itself without an object or array between',
    ],
    ["bounds that cross", { type: "integer", minimum: 2, maximum: 1 }, "#: no integer lies within the bounds"],
    ["lengths that cross", { type: "string", minLength: 3, maxLength: 2 }, "#: maxLength 2 is below minLength 3"],
    ["an empty enum", { enum: [] }, "#: enum must be a list with at least one value"],
    [
      "types without a common value",
      { allOf: [{ type: "string" }, { type: "null" }] },
      "#/allOf/1: no value is both string and null",
    ],
    [
      "a required name that may not stand",
      { required: ["b"], properties: { a: {} }, additionalProperties: false },
      '#: required names "b", which properties does not declare',
    ],
    [
      "lookahead",
      { pattern: "^(?!a).*$" },
      '#: the pattern "^(?!a).*$" is not supported: a lookaround or modifier at character 4',
    ],
    ["a backreference", { pattern: "^(a)\\1$" }, '#: the pattern "^(a)\\\\1$" is not supported: \\1 at character 7'],
    [
      "a repetition of nothing",
      { pattern: "^(a*)*$" },
      '#: the pattern "^(a*)*$" is not supported: a repetition of something that may be empty',
    ],
    [
      "a pattern with a length",
      { pattern: "^a$", maxLength: 3 },
      '#: the keyword "pattern" is not supported beside minLength or maxLength',
    ],
  ])("refuses %s", (_, schema, message) => {
    expect(refusal(schema)).toBe(message);
  });

  it("is bounded in depth, size and references", () => {
    let deep: unknown = { type: "null" };
    for (let level = 0; level < 100; level++) deep = { type: "array", items: deep };
    expect(refusal(deep)).toMatch(/nested more than 64 deep$/);
    const wide = Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`p${index}`, { type: "null" }]));
    expect(refusal({ properties: wide })).toMatch(/1001 properties, at most 1000/);
    expect(refusal({ enum: Array.from({ length: 1001 }, (_, index) => index) })).toMatch(/1001 values, at most 1000/);
    const fork = { $ref: "#/$defs/f", minItems: 1 };
    expect(refusal({ $defs: { f: { type: "array", prefixItems: [fork, fork, fork] } }, ...fork })).toMatch(
      /more than 2000 references|nested more than 64/,
    );
  });
});

describe("jsonObjectGrammar", () => {
  it("takes any object and nothing else", () => {
    const grammar = new GbnfAcceptor(jsonObjectGrammar());
    const plain = (_: string, value: unknown) => (typeof value === "number" && /e|\d{19}/.test(String(value)) ? 0 : value);
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        expect(grammar.accepts(JSON.stringify(value, plain).replaceAll("\x7f", "?"))).toBe(true);
      }),
      { numRuns: 200 },
    );
    expect(grammar.accepts('{"a":1e21,"b":-2.5E-7,"c":1.5e+299}')).toBe(true);
    for (const text of ["[]", "1", '"a"', "{} x", "{'a':1}", '{"a":1,}', '{"a":01}', "```json\n{}\n```"])
      expect([text, grammar.accepts(text)]).toEqual([text, false]);
  });
});
