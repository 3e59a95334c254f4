import type { ToolDefinition } from "@arriero/spec";
import { Fields, stringAt, unsupported } from "../../fields.ts";
import { refuseRepeated } from "../../repeated-tools.ts";
import { parseFunction } from "../../tool-function.ts";
import { parseToolChoice } from "../chat/tools.ts";

const MAX_TOOLS = 128;

/** Functions stand flat in `tools` here, without chat's inner `function`. */
export function parseResponseTools(fields: Fields) {
  const listed = fields.list("tools", MAX_TOOLS) ?? [];
  const tools = listed.map((each, i): ToolDefinition => {
    const tool = Fields.of(each, `tools[${i}]`);
    const type = stringAt(tool.raw("type"), tool.at("type"));
    if (type === "function") return parseFunction(tool);
    throw unsupported(
      tool.at("type"),
      `tools[${i}] is of type ${JSON.stringify(type.slice(0, 48))}; only functions are supported.`,
    );
  });
  refuseRepeated(tools, "tools");
  return { ...parseToolChoice(fields, tools, true), parallelToolCalls: fields.boolean("parallel_tool_calls") ?? true };
}
