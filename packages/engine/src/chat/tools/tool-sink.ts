import { StopMatcher } from "../../text/stop-matcher.ts";
import type { CharParser, CharSource } from "../stream-parser.ts";
import type { ToolEvent } from "./tool-format.ts";

/** Where tool parsers put what they read; keeps whitespace until it is known not to touch a call. */
export class ToolSink {
  readonly #emit: (event: ToolEvent) => void;
  #space = "";
  #afterCall = false;

  constructor(emit: (event: ToolEvent) => void) {
    this.#emit = emit;
  }

  text(text: string): void {
    const body = text.trimEnd();
    const space = text.slice(body.length);
    if (body === "") {
      this.#space += space;
      return;
    }
    const whole = this.#space + body;
    this.#emit({ type: "text", text: this.#afterCall ? whole.trimStart() : whole });
    this.#space = space;
    this.#afterCall = false;
  }

  start(name: string): void {
    this.#space = "";
    this.#emit({ type: "call-start", name });
  }

  arguments(delta: string): void {
    if (delta !== "") this.#emit({ type: "call-arguments", delta });
  }

  end(): void {
    this.#afterCall = true;
    this.#emit({ type: "call-end" });
  }

  /** The output has ended in text. */
  finish(): void {
    if (this.#space !== "" && !this.#afterCall) this.#emit({ type: "text", text: this.#space });
    this.#space = "";
  }
}

/** Text up to the next of the marks, which is returned; null at the end. No mark may lie within another. */
export function* textUntil(source: CharSource, sink: ToolSink, marks: readonly string[]): CharParser<string | null> {
  const matcher = new StopMatcher(marks);
  for (;;) {
    const char = yield* source.next();
    const step = char === null ? matcher.finish() : matcher.feed(char);
    if (step.release !== "") sink.text(step.release);
    if (step.matched !== null) return step.matched;
    if (char === null) {
      sink.finish();
      return null;
    }
  }
}
