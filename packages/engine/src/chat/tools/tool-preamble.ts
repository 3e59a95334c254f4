import type { ToolCall, ToolDefinition } from "@arriero/spec";

/** System text that teaches the generic format to a model whose template knows no tools. */
export function toolPreamble(tools: readonly ToolDefinition[]): string {
  const signatures = tools.map((tool) => JSON.stringify({ type: "function", function: tool }));
  return [
    "You can call functions to help with the user's request. These are available, one JSON object a line, each with the JSON Schema of its parameters:",
    `<tools>\n${signatures.join("\n")}\n</tools>`,
    'To call one, answer with a JSON object of its name and arguments inside <tool_call> tags and nothing else:\n<tool_call>\n{"name": "FUNCTION", "arguments": {"PARAMETER": "VALUE"}}\n</tool_call>',
    "The result comes back inside <tool_response> tags. Answer in plain words when no function is needed.",
  ].join("\n\n");
}

/** A past call in the generic format. */
export function writtenCall(call: ToolCall): string {
  return `<tool_call>\n{"name": ${JSON.stringify(call.name)}, "arguments": ${call.arguments.trim() === "" ? "{}" : call.arguments}}\n</tool_call>`;
}

/** A past result in the generic format. */
export function writtenResult(content: string): string {
  return `<tool_response>\n${content}\n</tool_response>`;
}
