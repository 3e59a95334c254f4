import { ALL, includes, subtract } from "./code-point-set.ts";
import { type CodePointRange, charClass, literal } from "./gbnf-text.ts";
import type { GrammarRules } from "./grammar-rules.ts";
import { stringChar } from "./json-rules.ts";
import { type AnchoredRegex, parseRegex, type Regex, UnsupportedRegex } from "./regex-syntax.ts";
import { MAX_REPEAT, repeat } from "./repetition.ts";

/** What JSON does not let stand for itself inside a string. */
const MUST_ESCAPE: readonly CodePointRange[] = [
  [0x00, 0x1f],
  [0x22, 0x22],
  [0x5c, 0x5c],
];
const SHORT_ESCAPES: readonly (readonly [codePoint: number, escape: string])[] = [
  [0x08, "\\b"],
  [0x09, "\\t"],
  [0x0a, "\\n"],
  [0x0c, "\\f"],
  [0x0d, "\\r"],
  [0x22, '\\"'],
  [0x5c, "\\\\"],
];

/**
 * A GBNF expression for JSON strings, quotes included, that match the pattern as JSON Schema means it: anywhere in the
 * string unless anchored. Characters are written plainly, or by JSON's short escape where they must be escaped.
 * Throws UnsupportedRegex.
 */
export function stringPattern(rules: GrammarRules, source: string): string {
  const parts = parseRegex(source).map((part) => anchored(rules, part));
  return `"\\"" ${parts.length === 1 ? parts[0] : `(${parts.join(" | ")})`} "\\""`;
}

function anchored(rules: GrammarRules, { regex, start, end }: AnchoredRegex): string {
  const body = expression(rules, regex);
  return [start ? "" : `${stringChar(rules)}*`, body, end ? "" : `${stringChar(rules)}*`].filter((part) => part !== "").join(" ");
}

function expression(rules: GrammarRules, regex: Regex): string {
  switch (regex.kind) {
    case "chars":
      return characters(rules, regex.ranges);
    case "sequence":
      return regex.items.length === 0 ? '""' : regex.items.map((item) => expression(rules, item)).join(" ");
    case "choice":
      return `(${regex.options.map((option) => expression(rules, option)).join(" | ")})`;
    case "repeat":
      return repetition(rules, regex);
    default:
      return regex satisfies never;
  }
}

function repetition(rules: GrammarRules, { item, min, max }: Extract<Regex, { kind: "repeat" }>): string {
  if (min > MAX_REPEAT || (max !== null && max > MAX_REPEAT))
    throw new UnsupportedRegex(`a repetition of more than ${MAX_REPEAT}`);
  if (max === 0) return '""';
  if (nullable(item) && max !== 1) throw new UnsupportedRegex("a repetition of something that may be empty");
  return repeat(rules.add("part", expression(rules, item)), min, max);
}

function characters(rules: GrammarRules, ranges: readonly CodePointRange[]): string {
  const plain = subtract(ranges, MUST_ESCAPE).flatMap((range) => intersect(range));
  const escapes = SHORT_ESCAPES.filter(([codePoint]) => includes(ranges, codePoint)).map(([, written]) => literal(written));
  const options = [...(plain.length > 0 ? [charClass(plain)] : []), ...escapes];
  if (options.length === 0) throw new UnsupportedRegex("a class that no character fits");
  return options.length === 1 ? options[0]! : rules.shared(`chars-${key(options)}`, () => options.join(" | "));
}

/** The part of a range that is scalar values. */
function intersect([first, last]: CodePointRange): CodePointRange[] {
  return ALL.map(([low, high]): CodePointRange => [Math.max(low, first), Math.min(high, last)]).filter(
    ([low, high]) => low <= high,
  );
}

/** A rule name for the class, so that equal classes share one rule. */
function key(options: readonly string[]): string {
  return options.map((option) => [...option].map((char) => char.codePointAt(0)!.toString(36)).join("")).join("-");
}

function nullable(regex: Regex): boolean {
  switch (regex.kind) {
    case "chars":
      return false;
    case "sequence":
      return regex.items.every(nullable);
    case "choice":
      return regex.options.some(nullable);
    case "repeat":
      return regex.min === 0 || nullable(regex.item);
    default:
      return regex satisfies never;
  }
}
