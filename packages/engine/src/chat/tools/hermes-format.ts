import { whitespace } from "../../grammar/json-rules.ts";
import { type CharParser, type CharSource, StreamParser } from "../stream-parser.ts";
import { callObject } from "./call-object.ts";
import type { ToolEvent, ToolFormat } from "./tool-format.ts";
import { callList, callObjectRule, triggerOf } from "./tool-grammar.ts";
import { ToolSink, textUntil } from "./tool-sink.ts";

const OPEN = "<tool_call>";
const CLOSE = "</tool_call>";

/** Hermes, Qwen 2.5 and 3, Granite 4 and many more: `<tool_call>{"name": ..., "arguments": {...}}</tool_call>`. */
export const hermesFormat: ToolFormat = {
  name: "hermes",
  markers: [OPEN, CLOSE],
  detects: (template) => template.includes(OPEN) && template.includes('"arguments"') && !template.includes("<function="),
  parser: () => new StreamParser<ToolEvent>((source, emit) => parse(source, new ToolSink(emit))),
  triggers: [triggerOf(OPEN)],
  grammar(rules, tools, { parallel }) {
    const ws = whitespace(rules);
    const call = rules.add("tool-call", `"${OPEN}" ${ws} ${callObjectRule(rules, tools, "arguments")} ${ws} "${CLOSE}"`);
    return callList(rules, call, ws, parallel);
  },
};

function* parse(source: CharSource, sink: ToolSink): CharParser<void> {
  while ((yield* textUntil(source, sink, [OPEN])) !== null) yield* hermesCalls(source, sink, OPEN);
}

/** What follows the opening mark: usually one object. `raw` is the mark, for when it is no call. */
export function* hermesCalls(source: CharSource, sink: ToolSink, raw: string): CharParser<void> {
  for (let before = raw; ; before = "") {
    const space = yield* source.space();
    if (!(yield* source.take("{"))) {
      if (before !== "") sink.text(before + space);
      else yield* source.close(CLOSE);
      return;
    }
    if (!(yield* callObject(source, sink, `${before}${space}{`, () => true))) return;
  }
}
