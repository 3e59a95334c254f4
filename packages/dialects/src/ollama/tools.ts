import type { ToolDefinition } from "@arriero/spec";
import { Fields, unsupported } from "../fields.ts";
import { refuseRepeated } from "../repeated-tools.ts";
import { parseFunction } from "../tool-function.ts";

const MAX_TOOLS = 128;

/** `tools`, as OpenAI writes them; the model is free to call one or none. */
export function parseTools(body: Fields): ToolDefinition[] {
  const tools = (body.list("tools", MAX_TOOLS) ?? []).map((each, i) => parseTool(Fields.of(each, `tools[${i}]`)));
  refuseRepeated(tools, "tools");
  return tools;
}

function parseTool(tool: Fields): ToolDefinition {
  const type = tool.string("type") ?? "function";
  if (type !== "function") throw unsupported(tool.at("type"), `${tool.path} is no function; only functions are supported.`);
  return parseFunction(Fields.of(tool.raw("function"), tool.at("function")));
}
