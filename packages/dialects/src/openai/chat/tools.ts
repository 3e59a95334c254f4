import { ArrieroError, type ToolChoice, type ToolDefinition } from "@arriero/spec";
import { Fields, refusal, stringAt, unsupported } from "../../fields.ts";
import { refuseRepeated } from "../../repeated-tools.ts";
import { parseFunction } from "../../tool-function.ts";

const MAX_TOOLS = 128;

export interface Tools {
  readonly tools: ToolDefinition[];
  readonly toolChoice: ToolChoice;
  readonly parallelToolCalls: boolean;
  /** The caller speaks `functions` and `function_call`, and is answered in kind. */
  readonly legacy: boolean;
}

export function parseTools(fields: Fields): Tools {
  const legacy = fields.raw("functions") !== undefined;
  if (legacy && fields.raw("tools") !== undefined) {
    throw new ArrieroError("invalid_request", "tools and functions say the same; give one of them.", { param: "functions" });
  }
  const tools = legacy ? parseFunctions(fields) : parseToolList(fields);
  refuseRepeated(tools, legacy ? "functions" : "tools");
  const choice = legacy ? parseFunctionCall(fields, tools) : parseToolChoice(fields, tools);
  const parallelToolCalls = fields.boolean("parallel_tool_calls") ?? true;
  return { ...choice, parallelToolCalls: parallelToolCalls && !legacy, legacy };
}

function parseToolList(fields: Fields): ToolDefinition[] {
  const tools = fields.list("tools", MAX_TOOLS) ?? [];
  return tools.map((each, i) => {
    const tool = Fields.of(each, `tools[${i}]`);
    const type = stringAt(tool.raw("type"), tool.at("type"));
    if (type !== "function") throw unsupported(tool.at("type"), `tools[${i}] is no function; only functions are supported.`);
    return parseFunction(Fields.of(tool.raw("function"), tool.at("function")));
  });
}

function parseFunctions(fields: Fields): ToolDefinition[] {
  const functions = fields.list("functions", MAX_TOOLS) ?? [];
  return functions.map((each, i) => parseFunction(Fields.of(each, `functions[${i}]`)));
}

type Choice = Pick<Tools, "tools" | "toolChoice">;

/** @param flat the function's name stands in the choice itself, as in the Responses API */
export function parseToolChoice(fields: Fields, tools: ToolDefinition[], flat = false): Choice {
  const value = fields.raw("tool_choice");
  if (value === undefined || value === "auto") return { tools, toolChoice: { kind: "auto" } };
  if (value === "none") return { tools, toolChoice: { kind: "none" } };
  if (value === "required") return required(tools);
  if (typeof value !== "object") {
    throw refusal("tool_choice", '"auto", "none", "required" or an object that names a function', value);
  }
  const choice = Fields.of(value, "tool_choice");
  const type = choice.oneOf("type", ["function", "allowed_tools", "custom"]) ?? "function";
  switch (type) {
    case "function": {
      const called = flat ? choice : Fields.of(choice.raw("function"), choice.at("function"));
      return { tools, toolChoice: { kind: "tool", name: knownTool(called, tools) } };
    }
    case "allowed_tools":
      return parseAllowed(choice.fields("allowed_tools") ?? choice, tools);
    case "custom":
      throw unsupported("tool_choice", "Custom tools are not supported; only functions are.");
    default:
      return type satisfies never;
  }
}

/** Only the tools named may be called: the others are not shown to the model at all. */
function parseAllowed(allowed: Fields, tools: ToolDefinition[]): Choice {
  const listed = allowed.list("tools", MAX_TOOLS) ?? [];
  const names = new Set(
    listed.map((each, i) => {
      const tool = Fields.of(each, `${allowed.at("tools")}[${i}]`);
      return knownTool(tool.fields("function") ?? tool, tools);
    }),
  );
  const kept = tools.filter((tool) => names.has(tool.name));
  if (allowed.oneOf("mode", ["auto", "required"]) === "required") return required(kept);
  return { tools: kept, toolChoice: { kind: "auto" } };
}

function parseFunctionCall(fields: Fields, tools: ToolDefinition[]): Choice {
  const value = fields.raw("function_call");
  if (value === undefined || value === "auto") return { tools, toolChoice: { kind: "auto" } };
  if (value === "none") return { tools, toolChoice: { kind: "none" } };
  return { tools, toolChoice: { kind: "tool", name: knownTool(Fields.of(value, "function_call"), tools) } };
}

function required(tools: ToolDefinition[]): Choice {
  if (tools.length > 0) return { tools, toolChoice: { kind: "required" } };
  throw new ArrieroError("invalid_request", "tool_choice requires a call, but no tools are given.", { param: "tool_choice" });
}

function knownTool(named: Fields, tools: ToolDefinition[]): string {
  const name = named.requiredString("name");
  if (tools.some((tool) => tool.name === name)) return name;
  throw refusal(named.at("name"), "the name of one of the tools given", name);
}
