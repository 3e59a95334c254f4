import type { GrammarRules } from "./grammar-rules.ts";
import { jsonArray, whitespace } from "./json-rules.ts";
import { MAX_REPEAT, repeat } from "./repetition.ts";
import type { SchemaGrammar, SchemaPlace } from "./schema-grammar.ts";
import { count, type SchemaObject, schemaError, schemaList } from "./schema-keywords.ts";

/**
 * The rule for an array. With `prefixItems` the array is a tuple: its items are all required unless minItems says
 * fewer, and nothing follows them unless `items` says what.
 */
export function arrayRule(grammar: SchemaGrammar, schema: SchemaObject, place: SchemaPlace): string {
  const { rules } = grammar;
  const prefix = schema.prefixItems === undefined ? [] : schemaList(schema, "prefixItems", place.path);
  const max = count(schema, "maxItems", null, place.path);
  const min = count(schema, "minItems", Math.min(prefix.length, max ?? prefix.length), place.path);
  if (max !== null && max < min) throw schemaError(place.path, `maxItems ${max} is below minItems ${min}`);
  if (min > MAX_REPEAT) throw schemaError(place.path, `minItems ${min} is above ${MAX_REPEAT}`);
  const items = schema.items ?? prefix.length === 0;
  const closed = items === false;
  if (closed && min > prefix.length)
    throw schemaError(place.path, `minItems ${min} is more than the ${prefix.length} items that may stand`);
  if (prefix.length === 0 && min === 0 && max === null && items === true) return jsonArray(rules);

  const first = prefix.slice(0, max ?? prefix.length).map((item, index) => grammar.member(item, place, `prefixItems/${index}`));
  const room = max === null ? null : max - first.length;
  const rest = closed || room === 0 ? null : grammar.member(items, place, "items");
  return arrayOf(rules, first, rest, min, room);
}

/** `first` items one by one, then at most `room` of `rest`; the items from `min` on may be missing. */
function arrayOf(rules: GrammarRules, first: readonly string[], rest: string | null, min: number, room: number | null): string {
  const ws = whitespace(rules);
  const next = (item: string) => `"," ${ws} ${item}`;
  const leading = first[0] ?? rest;
  const empty = `"[" ${ws} "]"`;
  if (leading === null) return rules.add("array-of", empty);
  const used = first.length === 0 ? 1 : first.length;
  let follows = "";
  if (rest !== null) {
    const left = room === null ? null : first.length === 0 ? room - 1 : room;
    follows = repeat(rules.add("next-item", next(rest)), Math.max(0, min - used), left);
  }
  for (let index = first.length - 1; index > 0; index--) {
    const body = `${next(first[index]!)} ${follows}`.trimEnd();
    follows = rules.add("next-items", index < min ? body : `(${body})?`);
  }
  const filled = `"[" ${ws} ${leading} ${follows} ${ws} "]"`;
  return rules.add("array-of", min > 0 ? filled : `${empty} | ${filled}`);
}
