import type { CharParser, CharSource } from "../stream-parser.ts";
import { readStringRest, readValue } from "./json-reader.ts";
import type { ToolSink } from "./tool-sink.ts";

const NAME_KEYS: ReadonlySet<string> = new Set(["name", "function"]);
const ARGUMENT_KEYS: ReadonlySet<string> = new Set(["arguments", "parameters"]);

/**
 * Reads a call written as a JSON object, `{"name": ..., "arguments": {...}}`, after its opening brace: keys in any
 * order, `parameters` for `arguments`, the two in a `function` object, others skipped, arguments in a string unpacked.
 * `raw` is what was read before, brace included. Returns false, all of it released as text, when it is no call or
 * `accepts` does not know the name.
 */
export function callObject(
  source: CharSource,
  sink: ToolSink,
  raw: string,
  accepts: (name: string) => boolean,
): CharParser<boolean> {
  return new CallObject(source, sink, raw, accepts).read();
}

class CallObject {
  readonly #source: CharSource;
  readonly #sink: ToolSink;
  readonly #accepts: (name: string) => boolean;
  #raw: string;
  #started = false;
  /** Arguments written so far; kept while the name is not known. */
  #arguments = "";

  constructor(source: CharSource, sink: ToolSink, raw: string, accepts: (name: string) => boolean) {
    this.#source = source;
    this.#sink = sink;
    this.#raw = raw;
    this.#accepts = accepts;
  }

  *read(): CharParser<boolean> {
    for (let depth = 1; depth > 0; ) {
      this.#raw += yield* this.#source.space();
      const char = yield* this.#source.next();
      if (char === null) return this.#cut();
      this.#raw += char;
      if (char === "}") depth--;
      else if (char === '"') {
        const nested = yield* this.#member();
        if (nested === null) return this.#cut();
        if (nested === "broken") return this.#broken();
        if (nested === "object") depth++;
      } else if (char !== ",") {
        this.#source.unread(char);
        this.#raw = this.#raw.slice(0, -char.length);
        return this.#broken();
      }
    }
    return this.#started ? this.#close() : this.#reject();
  }

  /** One member after its opening quote; "object" when a `function` object was entered, null at the end. */
  *#member(): CharParser<"value" | "object" | "broken" | null> {
    const key = yield* this.#string();
    if (key === null) return null;
    this.#raw += yield* this.#source.space();
    const colon = yield* this.#source.next();
    if (colon === null) return null;
    if (colon !== ":") {
      this.#source.unread(colon);
      return "broken";
    }
    this.#raw += `:${yield* this.#source.space()}`;
    const first = yield* this.#source.next();
    if (first === null) return null;
    if (NAME_KEYS.has(key) && !this.#started && first === '"') return yield* this.#name();
    if (key === "function" && first === "{") {
      this.#raw += first;
      return "object";
    }
    this.#source.unread(first);
    if (ARGUMENT_KEYS.has(key) && this.#arguments === "") return yield* "{[".includes(first) ? this.#plain() : this.#packed();
    return (yield* readValue(this.#source, (text) => this.#keep(text))) ? "value" : null;
  }

  *#name(): CharParser<"value" | "broken" | null> {
    this.#raw += '"';
    const name = yield* this.#string();
    if (name === null) return null;
    if (!this.#accepts(name)) return "broken";
    this.#started = true;
    this.#sink.start(name);
    this.#sink.arguments(this.#arguments);
    return "value";
  }

  *#plain(): CharParser<"value" | null> {
    return (yield* readValue(this.#source, (text) => this.#argument(text))) ? "value" : null;
  }

  /** Arguments in a string are unpacked when they are JSON; null means none. */
  *#packed(): CharParser<"value" | null> {
    let text = "";
    if (
      !(yield* readValue(this.#source, (part) => {
        text += part;
        this.#keep(part);
      }))
    ) {
      return null;
    }
    const inner = parsed(text);
    if (inner !== null) this.#argument(typeof inner === "string" && parsed(inner) !== undefined ? inner : text, false);
    return "value";
  }

  /** A string after its opening quote, unescaped; null at the end. */
  *#string(): CharParser<string | null> {
    let text = '"';
    const whole = yield* readStringRest(this.#source, (part) => {
      text += part;
      this.#keep(part);
    });
    return whole ? String(parsed(text) ?? text.slice(1, -1)) : null;
  }

  #argument(text: string, keep = true): void {
    if (keep) this.#keep(text);
    this.#arguments += text;
    if (this.#started) this.#sink.arguments(text);
  }

  #keep(text: string): void {
    if (!this.#started) this.#raw += text;
  }

  #close(): boolean {
    if (this.#arguments === "") this.#sink.arguments("{}");
    this.#sink.end();
    return true;
  }

  /** What follows is no member: a call whose name is known ends here, anything else was never one. */
  #broken(): boolean {
    return this.#started ? this.#close() : this.#reject();
  }

  #cut(): boolean {
    return this.#started || this.#reject();
  }

  #reject(): boolean {
    this.#sink.text(this.#raw);
    return false;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
