/** A schema, values it admits and values it does not. Values are written as compact JSON when they are tried. */
export interface SampleSchema {
  readonly name: string;
  readonly schema: unknown;
  readonly accepts: readonly unknown[];
  readonly refuses: readonly unknown[];
}

const tree = {
  $defs: {
    node: {
      type: "object",
      properties: { value: { type: "integer" }, next: { anyOf: [{ $ref: "#/$defs/node" }, { type: "null" }] } },
      required: ["value", "next"],
    },
  },
  $ref: "#/$defs/node",
};

export const SAMPLE_SCHEMAS: readonly SampleSchema[] = [
  { name: "anything", schema: {}, accepts: [1, "a", null, [1, { a: [] }], { a: { b: 1.5e3 } }], refuses: [] },
  { name: "boolean", schema: { type: "boolean" }, accepts: [true, false], refuses: [null, 0, "true"] },
  { name: "nullable by OpenAPI", schema: { type: "string", nullable: true }, accepts: ["a", null], refuses: [1] },
  { name: "list of types", schema: { type: ["string", "null"], maxLength: 2 }, accepts: ["ab", null], refuses: ["abc", 1] },
  {
    name: "short string",
    schema: { type: "string", minLength: 2, maxLength: 4 },
    accepts: ["ab", "añ\n🦙", '""'],
    refuses: ["a", "abcde", 12],
  },
  { name: "long string", schema: { type: "string", maxLength: 100_000 }, accepts: ["", "x".repeat(50)], refuses: [1] },
  {
    name: "enum of all kinds",
    schema: { enum: ["red", 'say "hi"', 7, null, { a: [1] }] },
    accepts: ["red", 'say "hi"', 7, null, { a: [1] }],
    refuses: ["blue", 8, { a: [2] }],
  },
  { name: "const", schema: { const: "on\\off" }, accepts: ["on\\off"], refuses: ["onoff", "on"] },
  { name: "integer", schema: { type: "integer" }, accepts: [0, -12, 123456789], refuses: [1.5, "1", true] },
  {
    name: "integer in range",
    schema: { type: "integer", minimum: -5, maximum: 120 },
    accepts: [-5, -1, 0, 9, 42, 99, 100, 120],
    refuses: [-6, 121, 999, 1.5],
  },
  {
    name: "integer from",
    schema: { type: "integer", exclusiveMinimum: 17 },
    accepts: [18, 19, 20, 99, 100, 12345],
    refuses: [17, 9, 0, -18],
  },
  {
    name: "safe integer",
    schema: { type: "integer", minimum: -9007199254740991, maximum: 9007199254740991 },
    accepts: [0, 9007199254740991, -9007199254740991, 10],
    refuses: [0.5],
  },
  { name: "number", schema: { type: "number" }, accepts: [0, -1.25, 1e21, 3.14], refuses: ["1", null] },
  {
    name: "probability",
    schema: { type: "number", minimum: 0, maximum: 1 },
    accepts: [0, 0.5, 0.999, 1],
    refuses: [1.01, -0.1, 2, 10],
  },
  {
    name: "number with odd bounds",
    schema: { type: "number", minimum: -2.75, exclusiveMaximum: 0.125 },
    accepts: [-2.75, -2.7, -1, -0.5, 0, 0.1, 0.12, 0.1249],
    refuses: [-2.76, -3, 0.125, 0.13, 0.2, 1],
  },
  { name: "above zero", schema: { type: "number", exclusiveMinimum: 0 }, accepts: [0.001, 1, 19.99], refuses: [0, -1] },
  {
    name: "closed object",
    schema: {
      type: "object",
      properties: { name: { type: "string" }, age: { type: "integer", minimum: 0, maximum: 150 } },
      required: ["name", "age"],
      additionalProperties: false,
    },
    accepts: [{ name: "Ana", age: 31 }],
    refuses: [{ name: "Ana" }, { age: 31 }, { name: "Ana", age: 151 }, { name: "Ana", age: 3, x: 1 }],
  },
  {
    name: "optional properties",
    schema: {
      type: "object",
      properties: { a: { type: "integer" }, b: { type: "integer" }, c: { type: "integer" } },
      required: ["b"],
    },
    accepts: [{ b: 1 }, { a: 1, b: 1 }, { b: 1, c: 1 }, { a: 1, b: 1, c: 1 }],
    refuses: [{}, { a: 1 }, { a: 1, c: 1 }, { b: 1, d: 1 }],
  },
  {
    name: "all optional",
    schema: { properties: { a: { type: "integer" }, b: { type: "integer" } } },
    accepts: [{}, { a: 1 }, { b: 1 }, { a: 1, b: 2 }],
    refuses: [{ c: 1 }, { a: "1" }],
  },
  {
    name: "map",
    schema: { type: "object", additionalProperties: { type: "number" } },
    accepts: [{}, { x: 1 }, { x: 1, y: 2.5 }],
    refuses: [{ x: "1" }],
  },
  {
    name: "open object",
    schema: { type: "object", properties: { id: { type: "integer" } }, required: ["id"], additionalProperties: true },
    accepts: [{ id: 1 }, { id: 1, i: 2, idx: "a", other: null }],
    refuses: [{ other: 1 }, { id: "1" }, { id: 1, 'id"': 1 }],
  },
  {
    name: "required only",
    schema: { type: "object", required: ["a"] },
    accepts: [{ a: 1 }, { a: "x" }],
    refuses: [{}, { b: 1 }],
  },
  {
    name: "array",
    schema: { type: "array", items: { type: "string" }, minItems: 1, maxItems: 3 },
    accepts: [["a"], ["a", "b", "c"]],
    refuses: [[], ["a", "b", "c", "d"], [1]],
  },
  {
    name: "empty or more",
    schema: { type: "array", items: { type: "integer" } },
    accepts: [[], [1], [1, 2, 3]],
    refuses: [["1"], {}],
  },
  {
    name: "tuple",
    schema: { type: "array", prefixItems: [{ type: "string" }, { type: "integer" }], items: false },
    accepts: [["a", 1]],
    refuses: [["a"], ["a", 1, 2], [1, "a"]],
  },
  {
    name: "tuple with a tail",
    schema: { prefixItems: [{ type: "string" }, { type: "integer" }], items: { type: "boolean" }, minItems: 1, maxItems: 4 },
    accepts: [["a"], ["a", 1], ["a", 1, true], ["a", 1, true, false]],
    refuses: [[], [1], ["a", true], ["a", 1, true, true, true]],
  },
  {
    name: "any of objects",
    schema: {
      anyOf: [
        { type: "object", properties: { kind: { const: "cat" }, lives: { type: "integer" } }, required: ["kind", "lives"] },
        { type: "object", properties: { kind: { const: "dog" } }, required: ["kind"] },
      ],
    },
    accepts: [{ kind: "cat", lives: 9 }, { kind: "dog" }],
    refuses: [{ kind: "cat" }, { kind: "dog", lives: 1 }],
  },
  {
    name: "one of beside properties",
    schema: {
      type: "object",
      properties: { id: { type: "integer" } },
      required: ["id"],
      oneOf: [
        { properties: { x: { type: "integer" } }, required: ["x"] },
        { properties: { y: { type: "integer" } }, required: ["y"] },
      ],
    },
    accepts: [
      { id: 1, x: 1 },
      { id: 1, y: 1 },
    ],
    refuses: [{ id: 1 }, { x: 1 }],
  },
  {
    name: "all of",
    schema: {
      allOf: [
        { $ref: "#/$defs/named" },
        { type: "object", properties: { size: { type: "integer", minimum: 1 } }, required: ["size"] },
      ],
      $defs: { named: { type: "object", properties: { name: { type: "string", minLength: 1 } }, required: ["name"] } },
    },
    accepts: [{ name: "a", size: 1 }],
    refuses: [{ name: "a" }, { size: 1 }, { name: "", size: 1 }, { name: "a", size: 0 }],
  },
  {
    name: "recursion",
    schema: tree,
    accepts: [
      { value: 1, next: null },
      { value: 1, next: { value: 2, next: null } },
    ],
    refuses: [{ value: 1 }, { value: 1, next: 1 }],
  },
  {
    name: "recursion from the root",
    schema: {
      type: "object",
      properties: { name: { type: "string" }, children: { type: "array", items: { $ref: "#" } } },
      required: ["name"],
    },
    accepts: [{ name: "a" }, { name: "a", children: [{ name: "b", children: [] }] }],
    refuses: [{ name: "a", children: [{}] }],
  },
  {
    name: "annotated reference",
    schema: {
      type: "object",
      properties: { at: { $ref: "#/definitions/day", description: "when" } },
      required: ["at"],
      definitions: { day: { type: "string", format: "date" } },
    },
    accepts: [{ at: "2026-02-28" }],
    refuses: [{ at: "2026-13-01" }, { at: "soon" }],
  },
  {
    name: "formats",
    schema: {
      type: "array",
      prefixItems: [
        { format: "date-time" },
        { format: "time" },
        { format: "uuid" },
        { format: "ipv4" },
        { type: "string", format: "email" },
      ],
    },
    accepts: [["2026-01-31T23:59:59.5Z", "08:30:00+02:00", "123e4567-e89b-12d3-a456-426614174000", "192.168.0.1", "any text"]],
    refuses: [
      ["2026-01-31", "08:30:00Z", "123e4567-e89b-12d3-a456-426614174000", "1.2.3.4", ""],
      ["2026-01-31T23:59:59Z", "08:30:00Z", "123e4567", "1.2.3.4", ""],
      ["2026-01-31T23:59:59Z", "08:30:00Z", "123e4567-e89b-12d3-a456-426614174000", "1.2.3.256", ""],
    ],
  },
  {
    name: "anchored pattern",
    schema: { type: "string", pattern: "^(?:[A-Z]{2}-\\d{3,5}|n/a)$" },
    accepts: ["AB-123", "ZZ-12345", "n/a"],
    refuses: ["ab-123", "AB-12", "AB-123456", "xn/a"],
  },
  {
    name: "floating pattern",
    schema: { type: "string", pattern: "llama" },
    accepts: ["llama", "a llama\n here"],
    refuses: ["lama"],
  },
  {
    name: "pattern with escapes",
    schema: { type: "string", pattern: '^"\\w+"\\\\\\n[^a]$' },
    accepts: ['"hi"\\\nb', '"hi"\\\n"'],
    refuses: ['"hi"\\\na', "hi"],
  },
  {
    name: "odd keys",
    schema: {
      type: "object",
      properties: { 'a "quoted" key': { type: "integer" }, "ключ\n": { type: "integer" }, "": { type: "integer" } },
      required: ['a "quoted" key', "ключ\n", ""],
    },
    accepts: [{ 'a "quoted" key': 1, "ключ\n": 2, "": 3 }],
    refuses: [{ 'a "quoted" key': 1 }],
  },
  {
    name: "definitions named like our rules",
    schema: {
      type: "array",
      items: { anyOf: [{ $ref: "#/$defs/string" }, { $ref: "#/$defs/ws" }, { $ref: "#/$defs/root" }] },
      $defs: { string: { type: "integer" }, ws: { type: "string", minLength: 3 }, root: { type: "null" } },
    },
    accepts: [[1, "abc", null]],
    refuses: [["ab"], [true]],
  },
  {
    name: "tool arguments",
    schema: {
      type: "object",
      properties: {
        city: { type: "string", description: "the city" },
        unit: { type: "string", enum: ["celsius", "fahrenheit"], default: "celsius" },
        days: { type: "integer", minimum: 1, maximum: 14 },
      },
      required: ["city"],
      $schema: "https://json-schema.org/draft/2020-12/schema",
    },
    accepts: [{ city: "Cusco" }, { city: "Cusco", unit: "celsius", days: 7 }],
    refuses: [{ unit: "celsius" }, { city: "Cusco", unit: "kelvin" }],
  },
];
