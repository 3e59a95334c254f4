import type { ToolDefinition } from "@arriero/spec";
import type { GrammarRules } from "../../grammar/grammar-rules.ts";
import type { StreamParser } from "../stream-parser.ts";

/** What a tool parser reads out of the text, in order. Between `call-start` and the next other event all `call-arguments` belong to that call. */
export type ToolEvent =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "call-start"; readonly name: string }
  | { readonly type: "call-arguments"; readonly delta: string }
  | { readonly type: "call-end" };

export interface ToolGrammarOptions {
  /** Several calls in one answer. */
  readonly parallel: boolean;
}

/** How a family of models writes tool calls. */
export interface ToolFormat {
  readonly name: string;
  /** Whether the source of a chat template shows this format. */
  detects(template: string): boolean;
  /** The marks that may be single tokens of the vocabulary; they must be part of the text fed to the parser. */
  readonly markers: readonly string[];
  /**
   * Reads calls out of the answer's text. A mark is never emitted in part: what turns out to be no call is text,
   * mark included, so that nothing is lost; whitespace around calls is dropped. A call that the end cuts off before
   * its name is known is text; after that it is a call without `call-end`, its arguments as far as they were written.
   */
  parser(tools: readonly ToolDefinition[]): StreamParser<ToolEvent>;
  /** Regular expressions (ECMAScript, searched in the answer) whose first group begins where a lazy grammar sets in. */
  readonly triggers: readonly string[];
  /**
   * Adds rules for calls whose arguments follow the tools' schemas; returns a GBNF expression for one call or more,
   * from the first character of the opening mark. `tools` is not empty. Throws invalid_schema, naming the tool.
   */
  grammar(rules: GrammarRules, tools: readonly ToolDefinition[], options: ToolGrammarOptions): string;
}
