import type { ToolDefinition } from "@arriero/spec";
import { StopMatcher } from "../text/stop-matcher.ts";
import { type ReasoningSetup, ReasoningSplitter } from "./reasoning-splitter.ts";
import type { StreamParser } from "./stream-parser.ts";
import type { ToolEvent, ToolFormat } from "./tools/tool-format.ts";

/** A piece of the answer. The first piece of a tool call has its id and name; the others have the next of its arguments. */
export type OutputPiece =
  | { readonly type: "text" | "reasoning"; readonly text: string }
  | {
      readonly type: "tool-call";
      readonly index: number;
      readonly id?: string;
      readonly name?: string;
      readonly arguments: string;
    };

export interface OutputSetup {
  /** null: the output has no reasoning to part. */
  readonly reasoning: ReasoningSetup | null;
  /** null: calls are text. */
  readonly tools: { readonly format: ToolFormat; readonly definitions: readonly ToolDefinition[] } | null;
  readonly stop: readonly string[];
  /** The id of a choice's call by its position. */
  callId(index: number): string;
}

/**
 * Turns generated text into pieces: reasoning first, then text and tool calls, until a stop sequence. Stop sequences
 * are looked for in the text alone, not in reasoning or calls, and none reaches across a call. The pieces joined are a
 * function of the text fed, wherever it was cut.
 */
export class OutputParser {
  readonly #splitter: ReasoningSplitter | null;
  readonly #tools: StreamParser<ToolEvent> | null;
  readonly #callId: (index: number) => string;
  readonly #stop: StopMatcher;
  #pieces: OutputPiece[] = [];
  #calls = 0;

  constructor({ reasoning, tools, stop, callId }: OutputSetup) {
    this.#splitter = reasoning === null ? null : new ReasoningSplitter(reasoning);
    this.#tools = tools === null ? null : tools.format.parser(tools.definitions);
    this.#stop = new StopMatcher(stop);
    this.#callId = callId;
  }

  /** The stop sequence that ended the output; nothing comes after it. */
  get stopped(): string | null {
    return this.#stop.matched;
  }

  /** Whether the text fed so far ends within reasoning. */
  get inReasoning(): boolean {
    return this.#splitter?.inside ?? false;
  }

  /** Calls begun so far. */
  get calls(): number {
    return this.#calls;
  }

  feed(text: string): OutputPiece[] {
    if (this.#splitter === null) this.#answer(text);
    else this.#reasoned(this.#splitter.feed(text));
    return this.#take();
  }

  /** No more text comes: what was held back is released. */
  finish(): OutputPiece[] {
    if (this.#splitter !== null) this.#reasoned(this.#splitter.finish());
    if (this.#tools !== null) this.#toolEvents(this.#tools.finish());
    if (this.stopped === null) this.#text(this.#stop.finish().release);
    return this.#take();
  }

  #reasoned(events: ReturnType<ReasoningSplitter["feed"]>): void {
    for (const event of events) {
      if (event.type === "text") this.#answer(event.text);
      else this.#push(event);
    }
  }

  #answer(text: string): void {
    if (this.#tools === null) this.#text(this.#stop.feed(text).release);
    else this.#toolEvents(this.#tools.feed(text));
  }

  #toolEvents(events: readonly ToolEvent[]): void {
    for (const event of events) {
      if (this.stopped !== null) return;
      switch (event.type) {
        case "text":
          this.#text(this.#stop.feed(event.text).release);
          break;
        case "call-start":
          this.#text(this.#stop.finish().release);
          if (this.stopped === null) this.#startCall(event.name);
          break;
        case "call-arguments":
          this.#push({ type: "tool-call", index: this.#calls - 1, arguments: event.delta });
          break;
        case "call-end":
          break;
        default:
          event satisfies never;
      }
    }
  }

  #startCall(name: string): void {
    const index = this.#calls++;
    this.#push({ type: "tool-call", index, id: this.#callId(index), name, arguments: "" });
  }

  #text(text: string): void {
    if (text !== "") this.#push({ type: "text", text });
  }

  /** Joins neighbours of one kind. */
  #push(piece: OutputPiece): void {
    const last = this.#pieces.at(-1);
    if (piece.type !== "tool-call" && last?.type === piece.type) {
      this.#pieces[this.#pieces.length - 1] = { type: piece.type, text: last.text + piece.text };
    } else if (piece.type === "tool-call" && last?.type === "tool-call" && last.index === piece.index) {
      this.#pieces[this.#pieces.length - 1] = { ...last, arguments: last.arguments + piece.arguments };
    } else {
      this.#pieces.push(piece);
    }
  }

  #take(): OutputPiece[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }
}
