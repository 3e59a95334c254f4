import type { ToolDefinition } from "@arriero/spec";
import type { TemplateAbilities } from "./template-messages.ts";

/** The tools as chat templates know them, with empty descriptions where this template trips over missing ones. */
export function templateTools(tools: readonly ToolDefinition[], { descriptions }: TemplateAbilities): unknown[] {
  return tools.map((tool) => ({ type: "function", function: descriptions === "filled" ? described(tool) : tool }));
}

function described(tool: ToolDefinition): unknown {
  const { properties, ...parameters } = tool.parameters;
  if (typeof properties !== "object" || properties === null) return { ...tool, description: tool.description ?? "" };
  const filled = Object.entries(properties).map(([name, schema]) => [
    name,
    typeof schema === "object" && schema !== null && !("description" in schema) ? { ...schema, description: "" } : schema,
  ]);
  return { ...tool, description: tool.description ?? "", parameters: { ...parameters, properties: Object.fromEntries(filled) } };
}
