import { literal } from "../../grammar/gbnf-text.ts";
import { whitespace } from "../../grammar/json-rules.ts";
import { type CharParser, type CharSource, StreamParser } from "../stream-parser.ts";
import { callObject } from "./call-object.ts";
import { namedCall } from "./named-call.ts";
import type { ToolEvent, ToolFormat } from "./tool-format.ts";
import { argumentsRule, callList, callObjectRule, triggerOf } from "./tool-grammar.ts";
import { ToolSink, textUntil } from "./tool-sink.ts";

const OPEN = "[TOOL_CALLS]";
const ID = "[CALL_ID]";
const ARGUMENTS = "[ARGS]";

const parser = () => new StreamParser<ToolEvent>((source, emit) => parse(source, new ToolSink(emit)));

/** Mistral up to tokenizer v7: `[TOOL_CALLS][{"name": ..., "arguments": {...}}, ...]`. */
export const mistralFormat: ToolFormat = {
  name: "mistral",
  markers: [OPEN],
  detects: (template) => template.includes(OPEN) && !template.includes(ARGUMENTS),
  parser,
  triggers: [triggerOf(OPEN)],
  grammar(rules, tools, { parallel }) {
    const ws = whitespace(rules);
    const calls = callList(rules, callObjectRule(rules, tools, "arguments"), `"," ${ws}`, parallel);
    return `"${OPEN}" ${ws} "[" ${ws} ${calls} ${ws} "]"`;
  },
};

/** Mistral from tokenizer v11: `[TOOL_CALLS]name[ARGS]{...}`, once for each call. */
export const mistralArgumentsFormat: ToolFormat = {
  name: "mistral-args",
  markers: [OPEN, ID, ARGUMENTS],
  detects: (template) => template.includes(OPEN) && template.includes(ARGUMENTS),
  parser,
  triggers: [triggerOf(OPEN)],
  grammar(rules, tools, { parallel }) {
    const calls = tools.map((tool) => `${literal(tool.name)} "${ARGUMENTS}" ${argumentsRule(rules, tool)}`);
    const call = rules.add("tool-call", `"${OPEN}" (${calls.join(" | ")})`);
    return callList(rules, call, "", parallel);
  },
};

function* parse(source: CharSource, sink: ToolSink): CharParser<void> {
  while ((yield* textUntil(source, sink, [OPEN])) !== null) {
    const raw = OPEN + (yield* source.space());
    if (yield* source.take("[")) yield* list(source, sink, `${raw}[`);
    else if (yield* source.take("{")) yield* callObject(source, sink, `${raw}{`, () => true);
    else yield* namedCall(source, sink, raw, [ID, ARGUMENTS]);
  }
}

/** Objects in brackets, after `[`. */
function* list(source: CharSource, sink: ToolSink, raw: string): CharParser<void> {
  for (let before = raw; ; before = "") {
    before += yield* source.space();
    if (!(yield* source.take("{"))) {
      if (before.trim() !== "") sink.text(before);
      else yield* source.close("]");
      return;
    }
    if (!(yield* callObject(source, sink, `${before}{`, () => true))) return;
    yield* source.space();
    yield* source.take(",");
  }
}
