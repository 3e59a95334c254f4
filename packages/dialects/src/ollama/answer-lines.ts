import { ArrieroError, type GenerationEvent, type GenerationEventOf, type TokenLogprob } from "@arriero/spec";
import type { FrameWriter } from "../frame-writer.ts";
import { type AnswerShape, NOTHING, type Said } from "./answer-shape.ts";
import type { AnswerClock, Presentation } from "./context.ts";
import { type DoneReason, doneReason, formatDone } from "./done.ts";
import { errorLine } from "./errors.ts";
import { formatLogprobs } from "./logprobs.ts";
import { ToolCalls } from "./tool-calls.ts";

/** The lines of a streamed answer, the last of them with `done: true`. */
export class AnswerLines implements FrameWriter {
  done = false;
  readonly #presentation: Presentation;
  readonly #shape: AnswerShape;
  readonly #clock: AnswerClock;
  readonly #calls = new ToolCalls();
  /** Log probabilities of tokens whose text is not released yet. */
  #held: TokenLogprob[] = [];
  #firstEventAt: number | null = null;
  #reason: DoneReason = "stop";

  constructor(presentation: Presentation, shape: AnswerShape, clock: AnswerClock) {
    this.#presentation = presentation;
    this.#shape = shape;
    this.#clock = clock;
  }

  write(event: GenerationEvent): string {
    if (this.done) return "";
    this.#firstEventAt ??= this.#clock.now();
    switch (event.type) {
      case "start":
        return "";
      case "text":
      case "reasoning":
        return this.#text(event);
      case "tool-call":
        return this.#call(this.#calls.add(event));
      case "finish":
        this.#reason = doneReason(event.reason);
        return this.#call(this.#calls.end(this.#reason === "length"));
      case "usage":
        return this.#end(event);
      case "error":
        return this.fail(ArrieroError.from(event.error));
      default:
        return event satisfies never;
    }
  }

  fail(error: ArrieroError): string {
    if (this.done) return "";
    this.done = true;
    return errorLine(error);
  }

  #text(event: GenerationEventOf<"text" | "reasoning">): string {
    if (event.logprobs !== undefined && this.#presentation.logprobs) this.#held.push(...event.logprobs);
    if (event.text === "") return "";
    return this.#line({ ...NOTHING, [event.type === "text" ? "text" : "thinking"]: event.text });
  }

  #call(call: ReturnType<ToolCalls["add"]>): string {
    return call === null ? "" : this.#line({ ...NOTHING, calls: [call] });
  }

  #end(usage: GenerationEventOf<"usage">): string {
    this.done = true;
    const firstEventAt = this.#firstEventAt ?? this.#clock.now();
    return this.#line(NOTHING, formatDone(this.#reason, usage, this.#clock, firstEventAt));
  }

  #line(said: Said, end: object = { done: false }): string {
    const held = this.#held;
    this.#held = [];
    return `${JSON.stringify({
      model: this.#presentation.model,
      created_at: new Date(this.#clock.now()).toISOString(),
      ...this.#shape(said),
      ...(held.length === 0 ? {} : { logprobs: formatLogprobs(held) }),
      ...end,
    })}\n`;
  }
}
