import { ArrieroError, type OutputFormat } from "@arriero/spec";
import { type Fields, unsupported } from "../fields.ts";

const MAX_GRAMMAR = 262_144;
const MAX_SCHEMA_NAME = 64;

/** Constraints of other servers that would be wrong to ignore and that we do not have. */
const OTHER_CONSTRAINTS = ["guided_regex", "guided_choice"] as const;

/** `response_format`, or one of llama.cpp's and vLLM's ways to say the same. At most one may ask for more than text. */
export function parseOutputFormat(fields: Fields): OutputFormat {
  for (const key of OTHER_CONSTRAINTS) {
    if (fields.raw(key) !== undefined) throw unsupported(key, `${key} is not supported; use response_format or grammar.`);
  }
  const asked = [
    { key: "response_format", format: parseResponseFormat(fields) },
    { key: "grammar", format: grammarIn(fields, "grammar") },
    { key: "guided_grammar", format: grammarIn(fields, "guided_grammar") },
    { key: "guided_json", format: schemaIn(fields, "guided_json") },
    { key: "structured_outputs", format: parseStructuredOutputs(fields) },
  ].flatMap(({ key, format }) => (format === undefined || format.kind === "text" ? [] : [{ key, format }]));
  const [first, second] = asked;
  if (second !== undefined) {
    const message = `${first?.key} and ${second.key} both constrain the output; give one of them.`;
    throw new ArrieroError("invalid_request", message, { param: second.key });
  }
  return first?.format ?? { kind: "text" };
}

function parseResponseFormat(fields: Fields): OutputFormat | undefined {
  const format = fields.fields("response_format");
  if (format === undefined) return undefined;
  const type = format.oneOf("type", ["text", "json_object", "json_schema"]) ?? "text";
  switch (type) {
    case "text":
      return { kind: "text" };
    case "json_object":
      // llama.cpp's clients put a schema beside the type.
      return schemaIn(format, "schema") ?? { kind: "json" };
    case "json_schema": {
      const wrapper = format.fields("json_schema") ?? format;
      const name = wrapper.string("name", MAX_SCHEMA_NAME);
      const schema = schemaIn(wrapper, "schema");
      if (schema === undefined) {
        const param = "response_format.json_schema.schema";
        throw new ArrieroError("invalid_request", `${param} must be a JSON Schema object, but is missing.`, { param });
      }
      return { ...schema, ...(name === undefined ? {} : { name }) };
    }
    default:
      return type satisfies never;
  }
}

function parseStructuredOutputs(fields: Fields): OutputFormat | undefined {
  const wanted = fields.fields("structured_outputs");
  if (wanted === undefined) return undefined;
  const format = schemaIn(wanted, "json") ?? grammarIn(wanted, "grammar");
  if (format === undefined) throw unsupported(wanted.path, "structured_outputs is supported with json or grammar.");
  return format;
}

function schemaIn(fields: Fields, key: string): Extract<OutputFormat, { kind: "json-schema" }> | undefined {
  const schema = fields.json(key);
  return schema === undefined ? undefined : { kind: "json-schema", schema };
}

function grammarIn(fields: Fields, key: string): OutputFormat | undefined {
  const grammar = fields.string(key, MAX_GRAMMAR);
  return grammar === undefined || grammar === "" ? undefined : { kind: "grammar", grammar };
}
