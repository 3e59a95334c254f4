import { literal } from "./gbnf-text.ts";
import { type SchemaObject, schemaError } from "./schema-keywords.ts";

/** Values one enum may list. */
const MAX_ENUM = 1000;

/** enum or const as GBNF alternatives, each written as compact JSON; values that the sibling keywords exclude are left out. */
export function literals(schema: SchemaObject, path: string): string {
  const values = "const" in schema ? [schema.const] : schema.enum;
  if (!Array.isArray(values) || values.length === 0) throw schemaError(path, "enum must be a list with at least one value");
  if (values.length > MAX_ENUM) throw schemaError(path, `enum lists ${values.length} values, at most ${MAX_ENUM} are allowed`);
  if ("pattern" in schema) throw schemaError(path, 'the keyword "pattern" is not supported beside enum or const');
  const fitting = values.filter((value) => ("enum" in schema ? listed(schema.enum, value) : true) && admits(schema, value));
  if (schema.nullable === true && !fitting.includes(null)) fitting.push(null);
  if (fitting.length === 0) throw schemaError(path, "no value of enum or const fits the other keywords");
  return [...new Set(fitting.map((value) => literal(JSON.stringify(value))))].join(" | ");
}

function listed(values: unknown, value: unknown): boolean {
  return Array.isArray(values) && values.some((other) => JSON.stringify(other) === JSON.stringify(value));
}

function admits(schema: SchemaObject, value: unknown): boolean {
  const types = schema.type === undefined ? null : [schema.type].flat();
  if (types !== null && !types.some((type) => isOfType(value, type))) return false;
  if (typeof value === "string") {
    const length = [...value].length;
    return atLeast(length, schema.minLength) && atLeast(schema.maxLength, length);
  }
  if (typeof value === "number") {
    return (
      atLeast(value, schema.minimum) &&
      atLeast(schema.maximum, value) &&
      (typeof schema.exclusiveMinimum !== "number" || value > schema.exclusiveMinimum) &&
      (typeof schema.exclusiveMaximum !== "number" || value < schema.exclusiveMaximum)
    );
  }
  return true;
}

function atLeast(value: unknown, bound: unknown): boolean {
  return typeof value !== "number" || typeof bound !== "number" || value >= bound;
}

function isOfType(value: unknown, type: unknown): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
