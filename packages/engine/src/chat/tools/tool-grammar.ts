import { ArrieroError, type ToolDefinition } from "@arriero/spec";
import { literal } from "../../grammar/gbnf-text.ts";
import type { GrammarRules } from "../../grammar/grammar-rules.ts";
import { whitespace } from "../../grammar/json-rules.ts";
import { addSchemaRules } from "../../grammar/json-schema-to-gbnf.ts";

/** Calls one answer may hold when the grammar decides. */
export const MAX_PARALLEL_CALLS = 16;

/** The rule for a tool's arguments as a JSON object. */
export function argumentsRule(rules: GrammarRules, tool: ToolDefinition): string {
  return forTool(tool, () => addSchemaRules(rules, { type: "object", ...tool.parameters }));
}

/** Runs a step that reads the tool's schema, so that a refusal names the tool. */
export function forTool<T>(tool: ToolDefinition, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof ArrieroError) || thrown.code !== "invalid_schema") throw thrown;
    throw new ArrieroError("invalid_schema", `the parameters of tool "${tool.name}": ${thrown.message}`, { cause: thrown });
  }
}

/** The rule for `{"name": ..., KEY: {...}}` of any of the tools. */
export function callObjectRule(rules: GrammarRules, tools: readonly ToolDefinition[], key: "arguments" | "parameters"): string {
  const ws = whitespace(rules);
  const calls = tools.map((tool) => {
    const name = `${literal('"name":')} ${ws} ${literal(`${JSON.stringify(tool.name)},`)}`;
    return rules.add(
      `call-${tool.name}`,
      `"{" ${ws} ${name} ${ws} ${literal(`"${key}":`)} ${ws} ${argumentsRule(rules, tool)} ${ws} "}"`,
    );
  });
  return calls.length === 1 ? calls[0]! : rules.add("any-call", calls.join(" | "));
}

/** One call, or several with the separator between. */
export function callList(rules: GrammarRules, call: string, separator: string, parallel: boolean): string {
  if (!parallel) return call;
  const next = rules.add("next-call", `${separator} ${call}`.trimStart());
  return `${call} ${next}{0,${MAX_PARALLEL_CALLS - 1}}`;
}

/** A pattern that finds the mark and applies the grammar from its first character. */
export function triggerOf(mark: string): string {
  return `(${mark.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")})`;
}
