import { ArrieroError, type ToolChoice, type ToolDefinition } from "@arriero/spec";
import { Fields, refusal, unsupported } from "../fields.ts";
import { refuseRepeated } from "../repeated-tools.ts";
import { parseToolName } from "../tool-function.ts";

const MAX_TOOLS = 128;
const MAX_DESCRIPTION = 65_536;

export interface Tools {
  readonly tools: ToolDefinition[];
  readonly toolChoice: ToolChoice;
  readonly parallelToolCalls: boolean;
}

export function parseTools(fields: Fields): Tools {
  const listed = fields.list("tools", MAX_TOOLS) ?? [];
  const tools = listed.map((each, i) => parseTool(Fields.of(each, `tools[${i}]`)));
  refuseRepeated(tools, "tools");
  const choice = fields.fields("tool_choice");
  return {
    tools,
    toolChoice: choice === undefined ? { kind: "auto" } : parseToolChoice(choice, tools),
    parallelToolCalls: !(choice?.boolean("disable_parallel_tool_use") ?? false),
  };
}

/** Tools of any other type are run by Anthropic's servers, or are known to its models alone. */
function parseTool(tool: Fields): ToolDefinition {
  const type = tool.string("type") ?? "custom";
  if (type !== "custom") {
    throw unsupported(
      tool.at("type"),
      `${tool.at("type")} is ${JSON.stringify(type.slice(0, 48))}; only custom tools are supported.`,
    );
  }
  const name = parseToolName(tool);
  const parameters = tool.json("input_schema");
  if (parameters === undefined) throw refusal(tool.at("input_schema"), "a JSON Schema object", undefined);
  const description = tool.string("description", MAX_DESCRIPTION);
  return { name, ...(description === undefined ? {} : { description }), parameters };
}

function parseToolChoice(choice: Fields, tools: readonly ToolDefinition[]): ToolChoice {
  const type = choice.oneOf("type", ["auto", "any", "tool", "none"]);
  switch (type) {
    case undefined:
      throw refusal(choice.at("type"), '"auto", "any", "tool" or "none"', undefined);
    case "auto":
    case "none":
      return { kind: type };
    case "any":
      if (tools.length > 0) return { kind: "required" };
      throw new ArrieroError("invalid_request", "tool_choice wants a call, but no tools are given.", { param: "tool_choice" });
    case "tool": {
      const name = choice.requiredString("name");
      if (tools.some((tool) => tool.name === name)) return { kind: "tool", name };
      throw refusal(choice.at("name"), "the name of one of the tools given", name);
    }
    default:
      return type satisfies never;
  }
}
