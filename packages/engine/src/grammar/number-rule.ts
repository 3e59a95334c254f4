import type { GrammarRules } from "./grammar-rules.ts";
import { jsonInteger, jsonNumber } from "./json-rules.ts";
import { integersWithin, type NumberBounds, numberRange } from "./number-range.ts";
import { type SchemaObject, schemaError } from "./schema-keywords.ts";

/** The rule for a number or integer. Numbers with bounds are written without exponent. */
export function numberRule(rules: GrammarRules, type: "number" | "integer", schema: SchemaObject, path: string): string {
  const bounds = boundsOf(schema, path);
  if (bounds.min === null && bounds.max === null) return type === "integer" ? jsonInteger(rules) : jsonNumber(rules);
  const range = type === "integer" ? integersWithin(bounds) : numberRange(bounds);
  if (range === undefined) throw schemaError(path, "a bound of a number must have at most 18 digits and no exponent");
  if (range === null) throw schemaError(path, `no ${type} lies within the bounds`);
  return rules.add(`${type}-range`, range);
}

function boundsOf(schema: SchemaObject, path: string): NumberBounds {
  const low = [bound(schema, "minimum", path), bound(schema, "exclusiveMinimum", path)] as const;
  const high = [bound(schema, "maximum", path), bound(schema, "exclusiveMaximum", path)] as const;
  const minExclusive = low[1] !== null && (low[0] === null || low[1] >= low[0]);
  const maxExclusive = high[1] !== null && (high[0] === null || high[1] <= high[0]);
  return { min: minExclusive ? low[1] : low[0], max: maxExclusive ? high[1] : high[0], minExclusive, maxExclusive };
}

function bound(schema: SchemaObject, keyword: string, path: string): number | null {
  const value = schema[keyword];
  if (value === undefined) return null;
  if (typeof value !== "number" || !Number.isFinite(value))
    throw schemaError(path, `${keyword} must be a number, not ${JSON.stringify(value)}`);
  return value;
}
