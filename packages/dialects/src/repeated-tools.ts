import { ArrieroError, type ToolDefinition } from "@arriero/spec";

/** Throws invalid_request where two tools have one name: a call could not tell which it means. */
export function refuseRepeated(tools: readonly ToolDefinition[], param: string): void {
  const repeated = tools.find((tool, i) => tools.findIndex((other) => other.name === tool.name) !== i);
  if (repeated === undefined) return;
  throw new ArrieroError("invalid_request", `${param} names ${repeated.name} twice; names must differ.`, { param });
}
