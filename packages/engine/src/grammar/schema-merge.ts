import { type SchemaObject, schemaError } from "./schema-keywords.ts";

/**
 * One schema that admits what both admit: allOf, and keywords beside $ref or anyOf. Objects are joined in the sense
 * people write allOf for: an object closed by one part may still have the properties the other part declares.
 * Throws invalid_schema where the two cannot be joined keyword by keyword.
 */
export function mergeSchemas(first: SchemaObject, second: SchemaObject, path: string): SchemaObject {
  const merged: Record<string, unknown> = { ...first };
  for (const [keyword, value] of Object.entries(second)) {
    merged[keyword] = keyword in merged ? mergeKeyword(keyword, merged[keyword], value, path) : value;
  }
  return merged;
}

function mergeKeyword(keyword: string, a: unknown, b: unknown, path: string): unknown {
  if (same(a, b)) return a;
  switch (keyword) {
    case "type":
      return mergeTypes(list(a), list(b), path);
    case "properties":
      return mergeProperties(a, b, path);
    case "required":
      return [...new Set([...list(a), ...list(b)])];
    case "additionalProperties":
    case "items":
      return a === false || b === false ? false : { allOf: [a, b] };
    case "enum": {
      const both = list(a).filter((value) => list(b).some((other) => same(value, other)));
      if (both.length === 0) throw schemaError(path, "allOf leaves no value of enum");
      return both;
    }
    case "nullable":
      return a === true && b === true;
    case "minimum":
    case "exclusiveMinimum":
    case "minLength":
    case "minItems":
      return Math.max(Number(a), Number(b));
    case "maximum":
    case "exclusiveMaximum":
    case "maxLength":
    case "maxItems":
      return Math.min(Number(a), Number(b));
    case "allOf":
      return [...list(a), ...list(b)];
    default:
      throw schemaError(path, `two different values of "${keyword}" cannot be combined`);
  }
}

function mergeTypes(a: readonly unknown[], b: readonly unknown[], path: string): unknown {
  const both = a.flatMap((type) => {
    if (b.includes(type)) return [type];
    if (type === "integer" && b.includes("number")) return ["integer"];
    return type === "number" && b.includes("integer") ? ["integer"] : [];
  });
  if (both.length === 0) throw schemaError(path, `no value is both ${a.join("|")} and ${b.join("|")}`);
  return both.length === 1 ? both[0] : both;
}

function mergeProperties(a: unknown, b: unknown, path: string): unknown {
  if (!isRecord(a) || !isRecord(b)) throw schemaError(path, "properties must be an object");
  const merged = new Map(Object.entries(a));
  for (const [name, schema] of Object.entries(b))
    merged.set(name, merged.has(name) ? { allOf: [merged.get(name), schema] } : schema);
  return Object.fromEntries(merged);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
