import { describe, expect, test } from "vitest";
import { jsonSchemaToGbnf } from "../grammar/json-schema-to-gbnf.ts";
import { assertGrammarBounds } from "./grammar-bounds.ts";

const lines = (...rules: string[]) => rules.join("\n");
const chain = (levels: number, rule: (i: number) => string, last: string) =>
  lines("root ::= r0", ...Array.from({ length: levels }, (_, i) => `r${i} ::= ${rule(i)}`), `r${levels} ::= ${last}`);

describe("grammars that are taken", () => {
  test.each([
    'root ::= "yes" | "no" # comment',
    'root ::= item ("," ws item)*\nitem ::= [0-9]{1,3}\nws ::= [ \\t\\n]*',
    'root ::= "(" root ")" | ""',
    'root ::= ("a"*)*',
    'root ::= (\n  "a" |\n  "b"\n)+\r\n',
    'root ::= "<|im_end|>" [^\\]"\\x00-\\x1F\\U0010FFFF-]* .',
    'root ::= x{0,2000}\nx ::= "a"?',
    chain(1000, (i) => `r${i + 1} "x"`, '"a"'),
  ])("%j", (grammar) => assertGrammarBounds(grammar));
});

describe("grammars that libllama would not survive", () => {
  test.each([
    ["left recursive", "root ::= root"],
    ["left recursive", 'root ::= a\na ::= b\nb ::= a "x" | "y"'],
    ["left recursive", 'root ::= opt root "a" | "b"\nopt ::= "z"?'],
    ["left recursive", 'root ::= a\na ::= b* a "x" | "y"\nb ::= "z"'],
    ["at least 5 and at most 2", 'root ::= "a"{5,2}'],
    ["2000 is the limit", 'root ::= "a"{1000000000}'],
    ["symbols", `root ::= "${"a".repeat(1000)}"{2000}`],
    ["nests deeper", `root ::= ${"(".repeat(50_000)}"a"${")".repeat(50_000)}`],
    ["begin with one another", chain(20_000, (i) => `r${i + 1}`, '"a"')],
    ["too many ways", chain(20, (i) => `r${i + 1} | r${i + 1} | r${i + 1}`, '"a"')],
    ["too many ways", chain(24, (i) => `r${i + 1} r${i + 1}`, '"a"?')],
    ["too many ways", `root ::= ${Array.from({ length: 20_000 }, (_, i) => `"${i}"`).join(" | ")}`],
    ["names a token", 'root ::= "a" <[5]>'],
    ["names a token", "root ::= !<|im_end|>*"],
    ["NUL", 'root ::= "a"\u0000'],
  ])("%s", (message, grammar) => {
    expect(() => assertGrammarBounds(grammar)).toThrow(expect.objectContaining({ code: "invalid_grammar" }));
    expect(() => assertGrammarBounds(grammar)).toThrow(message);
  });
});

test("a schema whose references multiply is refused too", () => {
  const either = (i: number) => ({ anyOf: [{ $ref: `#/$defs/a${i}` }, { $ref: `#/$defs/b${i}` }] });
  const levels = Array.from({ length: 24 }, (_, i) => i);
  const definitions = Object.fromEntries(levels.flatMap((i) => [`a${i}`, `b${i}`].map((name) => [name, either(i + 1)])));
  const schema = { $defs: { ...definitions, a24: { type: "null" }, b24: { type: "boolean" } }, $ref: "#/$defs/a0" };
  expect(() => assertGrammarBounds(jsonSchemaToGbnf(schema))).toThrow("too many ways");
});

test.each([
  ["no rule named root", 'start ::= "a"'],
  ["no rule named root", "# nothing"],
  ["line 2", 'root ::= "a"\nitem "b"'],
  ["does not define", "root ::= missing"],
  ["twice", 'root ::= "a"\nroot ::= "b"'],
  ["repeats nothing", "root ::= *"],
  ["empty character class", "root ::= [^]"],
  ["where ) is due", "root ::= ("],
  ["the end of the line is due", 'root ::= "a" )'],
  ["a quote is due", 'root ::= "a'],
])("what is wrong is said: %s", (message, grammar) => {
  expect(() => assertGrammarBounds(grammar)).toThrow(message);
});
