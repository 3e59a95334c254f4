import { ArrieroError } from "@arriero/spec";

/** A JSON Schema that is an object; `true` reads as {}, `false` is refused where it stands. */
export type SchemaObject = Readonly<Record<string, unknown>>;

/** Keywords that shape the grammar. */
export const SUPPORTED_KEYWORDS = [
  "type",
  "nullable",
  "enum",
  "const",
  "anyOf",
  "oneOf",
  "allOf",
  "$ref",
  "properties",
  "required",
  "additionalProperties",
  "items",
  "prefixItems",
  "minItems",
  "maxItems",
  "minLength",
  "maxLength",
  "pattern",
  "format",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
] as const;

/** Keywords of the vocabulary that constrain, and that a grammar of this kind does not follow: refused, never ignored. */
export const REFUSED_KEYWORDS = [
  "not",
  "if",
  "then",
  "else",
  "contains",
  "minContains",
  "maxContains",
  "uniqueItems",
  "multipleOf",
  "patternProperties",
  "propertyNames",
  "minProperties",
  "maxProperties",
  "dependentRequired",
  "dependentSchemas",
  "dependencies",
  "unevaluatedProperties",
  "unevaluatedItems",
  "additionalItems",
  "$dynamicRef",
  "$recursiveRef",
] as const;

const SUPPORTED: ReadonlySet<string> = new Set(SUPPORTED_KEYWORDS);
const REFUSED: ReadonlySet<string> = new Set(REFUSED_KEYWORDS);

export function schemaError(path: string, what: string): ArrieroError {
  return new ArrieroError("invalid_schema", `${path}: ${what}`);
}

/**
 * The keywords of a schema that constrain. Annotations and unknown keywords are dropped, as the specification wants;
 * a refused keyword throws unless its value says nothing (`uniqueItems: false`, `minProperties: 0`).
 */
export function constraints(schema: unknown, path: string): SchemaObject {
  if (schema === true) return {};
  if (schema === false) throw schemaError(path, "the schema `false` admits no value");
  if (typeof schema !== "object" || schema === null || Array.isArray(schema)) {
    throw schemaError(path, `a schema is an object or a boolean, not ${JSON.stringify(schema)?.slice(0, 40)}`);
  }
  const kept: [string, unknown][] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    if (REFUSED.has(keyword) && value !== false && value !== 0 && value !== undefined)
      throw schemaError(path, `the keyword "${keyword}" is not supported`);
    if (SUPPORTED.has(keyword) && value !== undefined) kept.push([keyword, value]);
  }
  return Object.fromEntries(kept);
}

/** The keyword's value as a whole number >= 0, or the fallback. */
export function count(schema: SchemaObject, keyword: string, fallback: number, path: string): number;
export function count(schema: SchemaObject, keyword: string, fallback: null, path: string): number | null;
export function count(schema: SchemaObject, keyword: string, fallback: number | null, path: string): number | null {
  const value = schema[keyword];
  if (value === undefined) return fallback;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
    throw schemaError(path, `${keyword} must be a whole number of 0 or more, not ${JSON.stringify(value)}`);
  }
  return value;
}

/** The keyword's value as a list of schemas with at least one member. */
export function schemaList(schema: SchemaObject, keyword: string, path: string): readonly unknown[] {
  const value = schema[keyword];
  if (!Array.isArray(value) || value.length === 0) throw schemaError(path, `${keyword} must be a list with at least one schema`);
  return value;
}

/** The keyword's value as a map of schemas, in the order written. */
export function schemaMap(schema: SchemaObject, keyword: string, path: string): readonly (readonly [string, unknown])[] {
  const value = schema[keyword] ?? {};
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw schemaError(path, `${keyword} must be an object`);
  return Object.entries(value);
}

/** The keyword's value as a list of names. */
export function nameList(schema: SchemaObject, keyword: string, path: string): readonly string[] {
  const value = schema[keyword] ?? [];
  if (!Array.isArray(value) || !value.every((name): name is string => typeof name === "string")) {
    throw schemaError(path, `${keyword} must be a list of strings`);
  }
  return value;
}
