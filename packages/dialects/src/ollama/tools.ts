import { ArrieroError, ToolDefinition } from "@arriero/spec";
import { Fields, refusal, unsupported } from "../fields.ts";

const MAX_TOOLS = 128;
const MAX_DESCRIPTION = 8192;
const NAME = ToolDefinition.shape.name;

/** `tools`, as OpenAI writes them; the model is free to call one or none. */
export function parseTools(body: Fields): ToolDefinition[] {
  const tools = (body.list("tools", MAX_TOOLS) ?? []).map((each, i) => parseTool(Fields.of(each, `tools[${i}]`)));
  const repeated = tools.find((tool, i) => tools.findIndex((other) => other.name === tool.name) !== i);
  if (repeated === undefined) return tools;
  throw new ArrieroError("invalid_request", `tools names ${repeated.name} twice; names must differ.`, { param: "tools" });
}

function parseTool(tool: Fields): ToolDefinition {
  const type = tool.string("type") ?? "function";
  if (type !== "function") throw unsupported(tool.at("type"), `${tool.path} is no function; only functions are supported.`);
  const definition = Fields.of(tool.raw("function"), tool.at("function"));
  const name = definition.requiredString("name");
  if (!NAME.safeParse(name).success) {
    throw refusal(definition.at("name"), "1 to 64 letters, digits, underscores or hyphens", name);
  }
  const description = definition.string("description", MAX_DESCRIPTION);
  return {
    name,
    ...(description === undefined ? {} : { description }),
    parameters: definition.json("parameters") ?? { type: "object", properties: {} },
  };
}
