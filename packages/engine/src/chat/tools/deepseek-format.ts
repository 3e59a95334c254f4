import { literal } from "../../grammar/gbnf-text.ts";
import { type CharParser, type CharSource, StreamParser } from "../stream-parser.ts";
import { readValue } from "./json-reader.ts";
import { readName } from "./named-call.ts";
import type { ToolEvent, ToolFormat } from "./tool-format.ts";
import { argumentsRule, callList, triggerOf } from "./tool-grammar.ts";
import { ToolSink, textUntil } from "./tool-sink.ts";

const CALLS = "<｜tool▁calls▁begin｜>";
const CALLS_END = "<｜tool▁calls▁end｜>";
const CALL = "<｜tool▁call▁begin｜>";
const CALL_END = "<｜tool▁call▁end｜>";
const SEPARATOR = "<｜tool▁sep｜>";
const FENCE = "```";

/** DeepSeek V3.1: `name<｜tool▁sep｜>{...}` between call marks; R1 and V3 write `function<｜tool▁sep｜>name` and a fenced object. */
export const deepseekFormat: ToolFormat = {
  name: "deepseek",
  markers: [CALLS, CALLS_END, CALL, CALL_END, SEPARATOR],
  detects: (template) => template.includes(CALLS),
  parser: () => new StreamParser<ToolEvent>((source, emit) => parse(source, new ToolSink(emit))),
  triggers: [triggerOf(CALLS)],
  grammar(rules, tools, { parallel }) {
    const calls = tools.map((tool) => `${literal(tool.name + SEPARATOR)} ${argumentsRule(rules, tool)}`);
    const call = rules.add("tool-call", `${literal(CALL)} (${calls.join(" | ")}) ${literal(CALL_END)}`);
    return `${literal(CALLS)} ${callList(rules, call, "", parallel)} ${literal(CALLS_END)}`;
  },
};

function* parse(source: CharSource, sink: ToolSink): CharParser<void> {
  for (;;) {
    const mark = yield* textUntil(source, sink, [CALLS, CALLS_END, CALL, CALL_END]);
    if (mark === null) return;
    if (mark === CALL) yield* call(source, sink);
  }
}

function* call(source: CharSource, sink: ToolSink): CharParser<void> {
  const first = yield* readName(source);
  let read = CALL + first;
  if (yield* source.take(SEPARATOR)) read += SEPARATOR;
  let name = first;
  if (first === "function") {
    name = yield* readName(source);
    read += name;
  }
  read += yield* source.space();
  if (yield* source.take(`${FENCE}json`)) read += `${FENCE}json`;
  read += yield* source.space();
  if (name === "" || !(yield* source.take("{"))) {
    sink.text(read);
    return;
  }
  source.unread("{");
  sink.start(name);
  if (!(yield* readValue(source, (text) => sink.arguments(text)))) return;
  sink.end();
  yield* source.space();
  yield* source.close(FENCE);
}
