import type { ToolDefinition } from "@arriero/spec";

/** The schemas of a tool's parameters, in the order declared. */
export interface ParameterSchemas {
  readonly entries: ReadonlyMap<string, unknown>;
  readonly required: ReadonlySet<string>;
}

export function parameterSchemas(tool: ToolDefinition): ParameterSchemas {
  const { properties, required } = tool.parameters;
  return {
    entries: new Map(isRecord(properties) ? Object.entries(properties) : []),
    required: new Set(Array.isArray(required) ? required.filter((name) => typeof name === "string") : []),
  };
}

/** Whether a bare value under this schema can only be a string. */
export function isString(schema: unknown): boolean {
  return (isRecord(schema) && schema.type === "string") || listedStrings(schema) !== null;
}

/** The strings of an enum or const that lists nothing else; null otherwise. */
export function listedStrings(schema: unknown): readonly string[] | null {
  if (!isRecord(schema)) return null;
  const values: unknown = "const" in schema ? [schema.const] : schema.enum;
  if (!Array.isArray(values) || values.length === 0) return null;
  return values.every((value): value is string => typeof value === "string") ? values : null;
}

/** Bare text as JSON: the JSON it is when the schema allows that type, a string otherwise. */
export function parameterValue(text: string, schema: unknown): string {
  const types = typesOf(schema);
  try {
    const type = typeOf(JSON.parse(text));
    if (types.size === 0 || types.has(type) || (type === "number" && types.has("integer"))) return text;
  } catch {
    // no JSON: a string
  }
  return JSON.stringify(text);
}

/** The types a schema names, also in its branches; empty when it leaves them open. */
function typesOf(schema: unknown): ReadonlySet<unknown> {
  if (!isRecord(schema)) return new Set();
  const branches = [schema.anyOf, schema.oneOf].flatMap((branch) => (Array.isArray(branch) ? branch : []));
  const inner = branches.map((branch) => typesOf(branch));
  if (inner.some((types) => types.size === 0)) return new Set();
  const own = schema.type === undefined ? [] : [schema.type].flat();
  return new Set([...own, ...inner.flatMap((types) => [...types])]);
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
