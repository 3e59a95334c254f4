import { ArrieroError, type OutputFormat } from "@arriero/spec";
import { type Fields, refusal, unsupported } from "../fields.ts";

/** LoRAX's `response_format` or `schema`, or text-generation-inference's `grammar`; at most one of them. */
export function parseConstraint(parameters: Fields): OutputFormat {
  const asked = [
    { key: "response_format", format: parseResponseFormat(parameters) },
    { key: "grammar", format: parseGrammar(parameters) },
    { key: "schema", format: schemaIn(parameters, "schema") },
  ].flatMap(({ key, format }) => (format === undefined || format.kind === "text" ? [] : [{ key, format }]));
  const [first, second] = asked;
  if (second !== undefined) {
    const message = `${first?.key} and ${second.key} both constrain the output; give one of them.`;
    throw new ArrieroError("invalid_request", message, { param: parameters.at(second.key) });
  }
  return first?.format ?? { kind: "text" };
}

function parseResponseFormat(parameters: Fields): OutputFormat | undefined {
  const format = parameters.fields("response_format");
  if (format === undefined) return undefined;
  const type = format.oneOf("type", ["text", "json_object", "json_schema"]) ?? "json_object";
  const schema = schemaIn(format, "schema");
  switch (type) {
    case "text":
      return { kind: "text" };
    case "json_object":
      return schema ?? { kind: "json" };
    case "json_schema":
      if (schema === undefined) throw refusal(format.at("schema"), "a JSON Schema object", undefined);
      return schema;
    default:
      return type satisfies never;
  }
}

function parseGrammar(parameters: Fields): OutputFormat | undefined {
  const grammar = parameters.fields("grammar");
  if (grammar === undefined) return undefined;
  const type = grammar.oneOf("type", ["json", "json_schema", "json_object", "regex"]);
  if (type === undefined) throw refusal(grammar.at("type"), `"json"`, undefined);
  if (type === "regex") {
    throw unsupported(grammar.at("type"), "Grammars of type regex are not supported; use json, with a pattern in the schema.");
  }
  const schema = schemaIn(grammar, "value");
  if (schema === undefined) throw refusal(grammar.at("value"), "a JSON Schema object", undefined);
  return schema;
}

function schemaIn(fields: Fields, key: string): OutputFormat | undefined {
  const schema = fields.json(key);
  return schema === undefined ? undefined : { kind: "json-schema", schema };
}
