import type { Random } from "./fuzz-random.ts";

const GRAMMARS = [
  'root ::= "yes" | "no"',
  "root ::= [a-z]+",
  'root ::= item ("," item)*\nitem ::= [0-9]{1,3}',
  'root ::= "{" ws "}"\nws ::= [ \\t\\n]*',
  "root ::= .",
  "root ::= [^\\x00-\\x1F]*",
];

const nested = (open: string, close: string, levels: number) => `${open.repeat(levels)}"a"${close.repeat(levels)}`;

/** Grammars made to hang, overflow or exhaust a parser or a sampler. */
export const HOSTILE_GRAMMARS: readonly (() => string)[] = [
  () => "root ::= root",
  () => 'root ::= root "a"',
  () => 'root ::= a\na ::= b\nb ::= a "x" | "y"',
  () => 'root ::= opt root "a" | "b"\nopt ::= "z"?',
  () => "root ::= ",
  () => 'root ::= ""',
  () => "root ::= empty*\nempty ::=",
  () => 'root ::= ("")*',
  () => "root ::= (empty)+\nempty ::= empty2?\nempty2 ::= empty?",
  () => 'root ::= ("a"*)*',
  () => 'root ::= (("a"*)*)*',
  () => 'root ::= ("a"?){100000}',
  () => 'root ::= "a"{1000000000}',
  () => 'root ::= "a"{99999999999999999999}',
  () => 'root ::= "a"{5,2}',
  () => 'root ::= "a"{-1}',
  () => 'root ::= (("a"{200}){200}){200}',
  () => 'root ::= ((("a"{0,40}){0,40}){0,40}){0,40}',
  () => `root ::= ${nested("(", ")", 200)}`,
  () => `root ::= ${nested("(", ")", 50_000)}`,
  () => `root ::= ${nested("(", ")?", 60)}`,
  () =>
    `root ::= ${"x0 ".repeat(3)}\n${Array.from({ length: 24 }, (_, i) => `x${i} ::= x${i + 1} x${i + 1}`).join("\n")}\nx24 ::= "a"`,
  () => `root ::= ${Array.from({ length: 20_000 }, (_, i) => `"w${i}"`).join(" | ")}`,
  () => `root ::= r0\n${Array.from({ length: 3000 }, (_, i) => `r${i} ::= r${i + 1}`).join("\n")}\nr3000 ::= "a"`,
  () =>
    `root ::= r0\n${Array.from({ length: 20 }, (_, i) => `r${i} ::= r${i + 1} | r${i + 1} | r${i + 1}`).join("\n")}\nr20 ::= "a"`,
  () => "root ::= missing",
  () => 'start ::= "a"',
  () => 'root ::= "a',
  () => "root ::= [a-",
  () => "root ::= [z-a]",
  () => "root ::= [^]",
  () => "root ::= [\\",
  () => 'root ::= "\\',
  () => 'root ::= "\\x"',
  () => 'root ::= "\\uD800"',
  () => 'root ::= "\\U7FFFFFFF"',
  () => "root ::= [\\U00110000-\\UFFFFFFFF]",
  () => 'root ::= "\ud800"',
  () => 'root ::= "\u0000"',
  () => "root ::= \u0000",
  () => "\u0000",
  () => "root",
  () => "::=",
  () => "root ::= |",
  () => "root ::= (",
  () => "root ::= )",
  () => "root ::= *",
  () => 'root ::= "a" {2}{3}{4}*+?',
  () => 'root ::= "a"\nroot ::= "b"',
  () => "# only a comment",
  () => `${"#".repeat(1000)}\nroot ::= "a"`,
  () => "root ::= <[1]>",
  () => "root ::= !<[1]>* <[9999999]>",
  () => "root ::= <|im_end|>",
  () => "root ::= <|im_end|>+",
  () => 'root ::= "\u{10ffff}"+',
  () => "x".repeat(1000),
  () => `${"x".repeat(100_000)} ::= "a"\nroot ::= "b"`,
];

export function randomGrammar(random: Random): string {
  const grammar = random.pick(GRAMMARS);
  if (random.chance(0.6)) return grammar;
  const at = random.integer(grammar.length);
  return (
    grammar.slice(0, at) +
    random.pick(['"', "[", "]", "(", ")", "*", "+", "{9}", "{", "|", "::=", "\n", "\\", "root", "\u0000", "é"]) +
    grammar.slice(at)
  );
}

export function hostileGrammar(random: Random): string {
  return random.pick(HOSTILE_GRAMMARS)();
}

type Schema = Record<string, unknown>;

/** Schemas of every keyword that is supported, mostly well formed. */
export function randomSchema(random: Random, depth = 3): Schema {
  const kind = random.integer(depth > 0 ? 11 : 6);
  switch (kind) {
    case 0:
      return { type: "string", ...(random.chance(0.5) ? { minLength: random.integer(4), maxLength: random.integer(9) } : {}) };
    case 1:
      return { type: random.pick(["integer", "number"]), minimum: random.integer(200) - 100, maximum: random.integer(1000) };
    case 2:
      return { enum: random.list(4, () => random.pick<unknown>(["a", 1, null, true, "", "\ud800", { a: 1 }])) };
    case 3:
      return { type: random.pick(["boolean", "null", "string", "file", ""]) };
    case 4:
      return {
        type: "string",
        pattern: random.pick(["^[a-c]{2,3}$", "^(ab|c)+$", "a", "^.*$", "[", "(?=x)", "\\d+", "^\\w{0,99}$"]),
      };
    case 5:
      return { type: "string", format: random.pick(["date", "uuid", "date-time", "email", "nothing"]) };
    case 6:
    case 7:
      return { type: "array", items: randomSchema(random, depth - 1), minItems: random.integer(3), maxItems: random.integer(5) };
    case 8:
      return { [random.pick(["anyOf", "oneOf", "allOf"])]: random.list(3, () => randomSchema(random, depth - 1)) };
    default:
      return object(random, depth);
  }
}

function object(random: Random, depth: number): Schema {
  const names = random.list(4, () => random.pick(["a", "b", "name", "", '"', "\ud800", "__proto__", "é"]));
  return {
    type: "object",
    properties: Object.fromEntries(names.map((name) => [name, randomSchema(random, depth - 1)])),
    required: names.filter(() => random.chance(0.5)),
    ...(random.chance(0.5) ? { additionalProperties: random.pick<unknown>([false, true, { type: "string" }]) } : {}),
  };
}

const chain = (levels: number, make: (inner: Schema) => Schema): Schema => {
  let schema: Schema = { type: "string" };
  for (let i = 0; i < levels; i++) schema = make(schema);
  return schema;
};

export const HOSTILE_SCHEMAS: readonly (() => Schema)[] = [
  () => ({ $ref: "#" }),
  () => ({ $defs: { a: { $ref: "#/$defs/b" }, b: { $ref: "#/$defs/a" } }, $ref: "#/$defs/a" }),
  () => ({ $defs: { a: { type: "object", properties: { a: { $ref: "#/$defs/a" } }, required: ["a"] } }, $ref: "#/$defs/a" }),
  () => ({ $defs: { t: { type: "array", items: { $ref: "#/$defs/t" } } }, $ref: "#/$defs/t" }),
  () => ({ $ref: "#/$defs/missing" }),
  () => ({ $ref: "https://example.com/schema.json" }),
  () => ({ $ref: "#/%" }),
  () => ({ anyOf: [{ $ref: "#" }, { $ref: "#" }] }),
  () => ({ allOf: [{ $ref: "#" }] }),
  () => chain(60, (inner) => ({ type: "object", properties: { a: inner }, required: ["a"] })),
  () => chain(14, (inner) => ({ anyOf: [inner, inner, { type: "null" }] })),
  () => chain(12, (inner) => ({ allOf: [inner, inner] })),
  () => chain(60, (inner) => ({ type: "array", items: inner, minItems: 1 })),
  () => chain(3, (inner) => ({ type: "array", items: inner, minItems: 100, maxItems: 100 })),
  () => ({ type: "string", minLength: 1_000_000 }),
  () => ({ type: "string", minLength: 5, maxLength: 2 }),
  () => ({ type: "string", minLength: -1 }),
  () => ({ type: "string", maxLength: 1e300 }),
  () => ({ type: "array", minItems: 1_000_000_000 }),
  () => ({ type: "array", items: { type: "null" }, maxItems: 100_000 }),
  () => ({ type: "string", pattern: "^(a+)+$" }),
  () => ({ type: "string", pattern: `^${"(".repeat(5000)}a${")".repeat(5000)}$` }),
  () => ({ type: "string", pattern: "^a{100000}$" }),
  () => ({ type: "string", pattern: "^((a{50}){50}){50}$" }),
  () => ({ type: "string", pattern: "^[^\\s\\S]$" }),
  () => ({ type: "integer", minimum: 10, maximum: 1 }),
  () => ({ type: "integer", minimum: -1e300, maximum: 1e300 }),
  () => ({ type: "integer", minimum: 1e21 }),
  () => ({ type: "number", minimum: 1e-320, maximum: 5e-324 }),
  () => ({ type: "number", multipleOf: 1e-9 }),
  () => ({ type: "number", exclusiveMinimum: 0.1, exclusiveMaximum: 0.1 }),
  () => ({ enum: [] }),
  () => ({ const: null }),
  () => ({ enum: Array.from({ length: 5000 }, (_, i) => `value ${i}`) }),
  () => ({
    type: "object",
    properties: Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`p${i}`, { type: "string" }])),
  }),
  () => ({ type: "object", required: ["never"], additionalProperties: false }),
  () => ({ type: [] }),
  () => ({ type: ["string", "null", "object"] }),
  () => ({ not: {} }),
  () => ({ if: {}, else: false }),
  () => ({ type: "object", propertyNames: { pattern: "^x" } }),
  () => ({ type: "object", patternProperties: { "^x": { type: "string" } } }),
  () => ({ properties: 3 }),
  () => ({ anyOf: [] }),
  () => ({ items: false }),
  () => ({ prefixItems: [{ type: "string" }, false], items: { $ref: "#" } }),
  () => JSON.parse('{"type":"object","properties":{"__proto__":{"type":"string"}},"required":["__proto__"]}') as Schema,
];

export function hostileSchema(random: Random): Schema {
  return random.pick(HOSTILE_SCHEMAS)();
}
