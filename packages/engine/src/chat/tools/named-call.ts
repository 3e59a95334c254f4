import type { CharParser, CharSource } from "../stream-parser.ts";
import { readValue } from "./json-reader.ts";
import type { ToolSink } from "./tool-sink.ts";

/** Characters a tool's name may have in the formats that write it bare. */
const NAME_CHAR = /[A-Za-z0-9_.-]/;
const MAX_NAME = 64;

/**
 * Reads a call written as a bare name and a JSON object: `name`, then the separators that come (an earlier one may
 * be followed by a bare word, as a call id is), then `{...}`. `raw` is what was read before. Returns false, all
 * released as text, when it is no call.
 */
export function* namedCall(source: CharSource, sink: ToolSink, raw: string, separators: readonly string[]): CharParser<boolean> {
  const name = yield* readName(source);
  let read = raw + name;
  for (const [index, separator] of separators.entries()) {
    const space = yield* source.space();
    read += space;
    if (!(yield* source.take(separator))) continue;
    read += separator;
    if (index < separators.length - 1) read += yield* readName(source);
  }
  read += yield* source.space();
  if (name === "" || !(yield* source.take("{"))) {
    sink.text(read);
    return false;
  }
  source.unread("{");
  sink.start(name);
  if (yield* readValue(source, (text) => sink.arguments(text))) sink.end();
  return true;
}

export function* readName(source: CharSource): CharParser<string> {
  let name = "";
  for (;;) {
    const char = yield* source.next();
    if (char === null) return name;
    if (!NAME_CHAR.test(char) || name.length >= MAX_NAME) {
      source.unread(char);
      return name;
    }
    name += char;
  }
}
