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
const FENCE_OPEN = "```json";
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
    const mark = yield* textUntil(source, sink, [CALLS, CALL]);
    if (mark === null) return;
    const space = mark === CALLS ? yield* source.space() : "";
    if (mark === CALL) yield* call(source, sink, CALL);
    else if (yield* source.take(CALL)) yield* call(source, sink, CALLS + space + CALL);
    else sink.text(CALLS + space);
  }
}

/** A call after its opening mark, and the marks that close it. `raw` is what was read before. */
function* call(source: CharSource, sink: ToolSink, raw: string): CharParser<void> {
  let name = yield* readName(source);
  let read = raw + name;
  if (yield* source.take(SEPARATOR)) read += SEPARATOR;
  if (name === "function" && read.endsWith(SEPARATOR)) {
    name = yield* readName(source);
    read += name;
  }
  read += yield* source.space();
  if (yield* source.take(FENCE_OPEN)) read += FENCE_OPEN;
  read += yield* source.space();
  if (name === "" || !(yield* source.take("{"))) {
    sink.text(read);
    return;
  }
  source.unread("{");
  sink.start(name);
  if (!(yield* readValue(source, (text) => sink.arguments(text)))) return;
  sink.end();
  for (const mark of [FENCE, CALL_END, CALLS_END]) {
    yield* source.space();
    yield* source.close(mark);
  }
}
