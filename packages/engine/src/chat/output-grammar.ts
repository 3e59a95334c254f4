import { ArrieroError, type OutputFormat, type ToolChoice, type ToolDefinition } from "@arriero/spec";
import { literal } from "../grammar/gbnf-text.ts";
import { GrammarRules } from "../grammar/grammar-rules.ts";
import { jsonObject } from "../grammar/json-rules.ts";
import { addSchemaRules } from "../grammar/json-schema-to-gbnf.ts";
import { textUntil } from "../grammar/text-until.ts";
import type { ReasoningSetup } from "./reasoning-splitter.ts";
import type { ToolFormat } from "./tools/tool-format.ts";

export interface OutputGrammar {
  /** GBNF. */
  readonly grammar: string;
  /** The rule to start from. */
  readonly root: string;
  /**
   * null: applies from the first token. Else a lazy grammar: it sets in where one of these patterns is found in the
   * answer; tokens of the reasoning are not part of the answer and must not be fed to it.
   */
  readonly triggers: readonly string[] | null;
}

export interface OutputGrammarRequest {
  readonly format: OutputFormat;
  /** null: no tools, or tool choice `none`. */
  readonly tools: {
    readonly format: ToolFormat;
    readonly definitions: readonly ToolDefinition[];
    readonly choice: ToolChoice;
    readonly parallel: boolean;
  } | null;
  /** Reasoning comes first and is free of the grammar; null: there is none to allow. */
  readonly reasoning: ReasoningSetup | null;
}

/**
 * The grammar the output must follow, or null for free text. A named or required tool leaves only calls; with `auto`
 * a JSON format admits its value or calls, and free text turns into a grammar where a call begins.
 * Throws invalid_schema, and invalid_request for a named tool that is not there or a grammar beside a required call.
 */
export function outputGrammar({ format, tools, reasoning }: OutputGrammarRequest): OutputGrammar | null {
  const offered = tools === null || tools.choice.kind === "none" || tools.definitions.length === 0 ? null : tools;
  const required = offered !== null && offered.choice.kind !== "auto";
  if (format.kind === "grammar") {
    if (required) throw new ArrieroError("invalid_request", "a grammar cannot be combined with a required tool call");
    return wrapped(format.grammar, reasoning);
  }
  const rules = new GrammarRules();
  const calls = offered === null ? null : callsExpression(rules, offered);
  const value = required ? null : valueRule(rules, format);
  if (value === null && calls === null) return null;
  if (value === null && !required) return { grammar: rules.text(calls!), root: "root", triggers: offered!.format.triggers };
  const answer = [value, calls].filter((part) => part !== null).join(" | ");
  return { grammar: rules.text(`${reasoningExpression(rules, reasoning)}(${answer})`), root: "root", triggers: null };
}

function callsExpression(rules: GrammarRules, tools: NonNullable<OutputGrammarRequest["tools"]>): string {
  const { choice, definitions, format, parallel } = tools;
  const chosen = choice.kind === "tool" ? definitions.filter((tool) => tool.name === choice.name) : definitions;
  if (chosen.length === 0 && choice.kind === "tool") {
    throw new ArrieroError("invalid_request", `tool_choice names "${choice.name}", which tools does not define`);
  }
  return format.grammar(rules, chosen, { parallel: parallel && choice.kind !== "tool" });
}

function valueRule(rules: GrammarRules, format: Exclude<OutputFormat, { kind: "grammar" }>): string | null {
  switch (format.kind) {
    case "text":
      return null;
    case "json":
      return jsonObject(rules);
    case "json-schema":
      return addSchemaRules(rules, format.schema);
    default:
      return format satisfies never;
  }
}

/** What may stand before the answer: the reasoning, as the prompt leaves it, with whitespace after it. */
function reasoningExpression(rules: GrammarRules, reasoning: ReasoningSetup | null): string {
  if (reasoning === null || reasoning.place === "closed") return "";
  const until = `${textUntil(rules, "arriero-reasoning", reasoning.end)} [ \\n]{0,4}`;
  return reasoning.place === "open" ? `${until} ` : `(${literal(reasoning.start)} ${until})? `;
}

/** The caller's own grammar, behind the reasoning where there is some. */
function wrapped(grammar: string, reasoning: ReasoningSetup | null): OutputGrammar {
  const rules = new GrammarRules();
  const before = reasoningExpression(rules, reasoning);
  if (before === "") return { grammar, root: "root", triggers: null };
  const start = rules.add("arriero-output", `${before}root`);
  const own = rules.text(start).split("\n").slice(1).join("\n");
  return { grammar: `${grammar}\n${own}`, root: start, triggers: null };
}
