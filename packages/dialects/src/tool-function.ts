import { ToolDefinition } from "@arriero/spec";
import { type Fields, refusal } from "./fields.ts";

const MAX_DESCRIPTION = 8192;
const NAME = ToolDefinition.shape.name;

/** A function as OpenAI and those who follow it write it. */
export function parseFunction(definition: Fields): ToolDefinition {
  const name = parseToolName(definition);
  const description = definition.string("description", MAX_DESCRIPTION);
  return {
    name,
    ...(description === undefined ? {} : { description }),
    parameters: definition.json("parameters") ?? { type: "object", properties: {} },
  };
}

export function parseToolName(definition: Fields): string {
  const name = definition.requiredString("name");
  if (NAME.safeParse(name).success) return name;
  throw refusal(definition.at("name"), "1 to 64 letters, digits, underscores or hyphens", name);
}
