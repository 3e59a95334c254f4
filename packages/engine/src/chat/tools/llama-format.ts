import type { ToolDefinition } from "@arriero/spec";
import { whitespace } from "../../grammar/json-rules.ts";
import { type CharParser, type CharSource, StreamParser } from "../stream-parser.ts";
import { callObject } from "./call-object.ts";
import type { ToolEvent, ToolFormat } from "./tool-format.ts";
import { callList, callObjectRule, triggerOf } from "./tool-grammar.ts";
import { ToolSink, textUntil } from "./tool-sink.ts";

const TAG = "<|python_tag|>";

/**
 * Llama 3.1 to 3.3: the whole answer is `{"name": ..., "parameters": {...}}`, or it stands behind `<|python_tag|>`;
 * several are parted by `;`. Without the tag an object is a call only at the start of the answer (or after a call) and
 * only if it names a tool at hand: any other JSON is the answer.
 */
export const llamaFormat: ToolFormat = {
  name: "llama",
  markers: [TAG],
  detects: (template) =>
    template.includes("<|start_header_id|>") && template.includes('"parameters"') && !template.includes("<tool_call>"),
  parser: (tools) => new StreamParser<ToolEvent>((source, emit) => parse(source, new ToolSink(emit), tools)),
  triggers: [triggerOf(TAG), '^\\s*(\\{\\s*"name"\\s*:\\s*")'],
  grammar(rules, tools, { parallel }) {
    const call = callObjectRule(rules, tools, "parameters");
    const calls = callList(rules, call, `";" ${whitespace(rules)}`, parallel);
    return `"${TAG}"? ${calls}`;
  },
};

function* parse(source: CharSource, sink: ToolSink, tools: readonly ToolDefinition[]): CharParser<void> {
  const known = new Set(tools.map((tool) => tool.name));
  let mark: string | null = "";
  while (mark !== null) {
    yield* calls(source, sink, mark, (name) => known.has(name));
    mark = yield* textUntil(source, sink, [TAG]);
  }
}

/** Calls one after another; the first may stand behind the tag `raw`. */
function* calls(source: CharSource, sink: ToolSink, raw: string, accepts: (name: string) => boolean): CharParser<void> {
  for (let before = raw, separator = ""; ; ) {
    before += separator + (yield* source.space());
    if (before.trim() === "" && (yield* source.take(TAG))) before += TAG;
    before += yield* source.space();
    if (!(yield* source.take("{"))) {
      if (before !== "") sink.text(before);
      return;
    }
    if (!(yield* callObject(source, sink, `${before}{`, accepts))) return;
    before = yield* source.space();
    separator = (yield* source.take(";")) ? ";" : "";
  }
}
