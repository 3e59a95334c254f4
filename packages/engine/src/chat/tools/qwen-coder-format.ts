import type { ToolDefinition } from "@arriero/spec";
import { literal } from "../../grammar/gbnf-text.ts";
import type { GrammarRules } from "../../grammar/grammar-rules.ts";
import { SchemaGrammar } from "../../grammar/schema-grammar.ts";
import { textUntil as ruleUntil } from "../../grammar/text-until.ts";
import { StopMatcher } from "../../text/stop-matcher.ts";
import { type CharParser, type CharSource, StreamParser } from "../stream-parser.ts";
import { hermesCalls } from "./hermes-format.ts";
import { readName } from "./named-call.ts";
import { isString, listedStrings, type ParameterSchemas, parameterSchemas, parameterValue } from "./parameter-value.ts";
import type { ToolEvent, ToolFormat } from "./tool-format.ts";
import { callList, forTool, triggerOf } from "./tool-grammar.ts";
import { ToolSink, textUntil } from "./tool-sink.ts";

const OPEN = "<tool_call>";
const CLOSE = "</tool_call>";
const FUNCTION = "<function=";
const FUNCTION_END = "</function>";
const PARAMETER = "<parameter=";
const PARAMETER_END = "</parameter>";

/**
 * Qwen3-Coder, Qwen 3.5, Nemotron 3: `<tool_call><function=name><parameter=key>\nvalue\n</parameter></function></tool_call>`.
 * Values are bare text; the tool's schema says which are strings. The arguments are written anew as JSON.
 */
export const qwenCoderFormat: ToolFormat = {
  name: "qwen-coder",
  markers: [OPEN, CLOSE],
  detects: (template) => template.includes(FUNCTION) && template.includes(PARAMETER),
  parser: (tools) => new StreamParser<ToolEvent>((source, emit) => parse(source, new ToolSink(emit), tools)),
  triggers: [triggerOf(OPEN)],
  grammar(rules, tools, { parallel }) {
    const functions = tools.map((tool) => functionRule(rules, tool));
    const call = rules.add("tool-call", `"${OPEN}\\n" (${functions.join(" | ")}) "\\n${CLOSE}"`);
    return callList(rules, call, '"\\n"', parallel);
  },
};

function functionRule(rules: GrammarRules, tool: ToolDefinition): string {
  return forTool(tool, () => {
    const { entries, required } = parameterSchemas(tool);
    const grammar = new SchemaGrammar(rules, tool.parameters);
    const parameters = [...entries].map(([key, schema]) => {
      const rule = rules.add(`parameter-${key}`, `${literal(`${PARAMETER}${key}>\n`)} ${valueRule(grammar, key, schema)} "\\n"`);
      return required.has(key) ? rule : `${rule}?`;
    });
    return rules.add(`call-${tool.name}`, `${literal(`${FUNCTION}${tool.name}>\n`)} ${parameters.join(" ")} "${FUNCTION_END}"`);
  });
}

/** A value with its closing mark: strings bare, so of their constraints only enum and const hold; all else as JSON. */
function valueRule(grammar: SchemaGrammar, key: string, schema: unknown): string {
  const close = literal(`\n${PARAMETER_END}`);
  const listed = listedStrings(schema);
  if (listed !== null) return `(${listed.map(literal).join(" | ")}) ${close}`;
  if (isString(schema)) return ruleUntil(grammar.rules, "value", PARAMETER_END);
  return `${grammar.member(schema, { path: "#", depth: 0, open: new Set() }, `properties/${key}`)} ${close}`;
}

function* parse(source: CharSource, sink: ToolSink, tools: readonly ToolDefinition[]): CharParser<void> {
  const schemas = new Map(tools.map((tool) => [tool.name, parameterSchemas(tool)]));
  for (;;) {
    const mark = yield* textUntil(source, sink, [OPEN, FUNCTION]);
    if (mark === null) return;
    const space = mark === OPEN ? yield* source.space() : "";
    if (mark === FUNCTION) yield* call(source, sink, FUNCTION, schemas);
    else if (yield* source.take(FUNCTION)) yield* call(source, sink, OPEN + space + FUNCTION, schemas);
    else {
      source.unread(space);
      yield* hermesCalls(source, sink, OPEN);
    }
  }
}

/** A call after `<function=`. */
function* call(
  source: CharSource,
  sink: ToolSink,
  raw: string,
  schemas: ReadonlyMap<string, ParameterSchemas>,
): CharParser<void> {
  const name = yield* readName(source);
  if (name === "" || !(yield* source.take(">"))) {
    sink.text(raw + name);
    return;
  }
  sink.start(name);
  let before = "{";
  for (yield* source.space(); yield* source.close(PARAMETER); yield* source.space()) {
    const key = yield* readKey(source);
    if (key === null) return;
    sink.arguments(`${before}${JSON.stringify(key)}:`);
    before = ",";
    const schema = schemas.get(name)?.entries.get(key);
    const whole = isString(schema) ? yield* stringValue(source, sink) : yield* otherValue(source, sink, schema);
    if (!whole) return;
  }
  if (yield* source.ended()) return;
  sink.arguments(before === "{" ? "{}" : "}");
  sink.end();
  yield* source.close(FUNCTION_END);
  yield* source.space();
  yield* source.close(CLOSE);
}

/** A parameter's name up to `>`; null when the text ended. */
function* readKey(source: CharSource): CharParser<string | null> {
  for (let key = ""; ; ) {
    const char = yield* source.next();
    if (char === null || char === ">") return char === null ? null : key.trim();
    key += char;
  }
}

/** A string, written as JSON while it comes; the line breaks next to the tags are not part of it. */
function* stringValue(source: CharSource, sink: ToolSink): CharParser<boolean> {
  sink.arguments('"');
  yield* source.take("\n");
  const whole = yield* readValueText(source, (text) => sink.arguments(JSON.stringify(text).slice(1, -1)));
  if (whole) sink.arguments('"');
  return whole;
}

function* otherValue(source: CharSource, sink: ToolSink, schema: unknown): CharParser<boolean> {
  let text = "";
  const whole = yield* readValueText(source, (part) => {
    text += part;
  });
  if (whole) sink.arguments(parameterValue(text.trim(), schema));
  return whole;
}

function* readValueText(source: CharSource, write: (text: string) => void): CharParser<boolean> {
  const matcher = new StopMatcher([`\n${PARAMETER_END}`, PARAMETER_END]);
  for (;;) {
    const char = yield* source.next();
    if (char === null) return false;
    const step = matcher.feed(char);
    write(step.release);
    if (step.matched !== null) return true;
  }
}
