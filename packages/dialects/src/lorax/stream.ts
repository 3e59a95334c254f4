import { ArrieroError, type GenerationEvent, type GenerationEventOf } from "@arriero/spec";
import { brokenOff, type FrameWriter } from "../frame-writer.ts";
import type { AnswerContext } from "./answer-context.ts";
import { errorBody } from "./errors.ts";
import { CLOSING_TOKEN, formatFinishReason, type GeneratedToken, GeneratedTokens } from "./generated-tokens.ts";

/** One frame a token; the last has the whole text, and only it: a stream that breaks off never has such a frame. */
export class GenerateFrames implements FrameWriter {
  done = false;
  readonly #context: AnswerContext;
  readonly #tokens: GeneratedTokens;
  #index = 0;
  #finish: GenerationEventOf<"finish"> | null = null;

  constructor(context: AnswerContext) {
    this.#context = context;
    // The token that the limit makes the last is known as such before the end is told.
    this.#tokens = new GeneratedTokens(context.alternatives, (count) => count === context.maxTokens);
  }

  write(event: GenerationEvent): string {
    if (this.done) return "";
    switch (event.type) {
      case "start":
        return "";
      case "text":
      case "reasoning":
      case "tool-call":
        return this.#tokens
          .feed(event)
          .map((token) => this.#frame(token, null, null))
          .join("");
      case "finish":
        this.#finish = event;
        return "";
      case "usage":
        return this.#closing(event);
      case "error":
        return this.fail(ArrieroError.from(event.error));
      default:
        return event satisfies never;
    }
  }

  fail(error: ArrieroError): string {
    if (this.done) return "";
    this.done = true;
    return `data:${JSON.stringify(errorBody(error))}\n\n`;
  }

  #closing(usage: GenerationEventOf<"usage">): string {
    if (this.#finish === null) return this.fail(brokenOff());
    this.done = true;
    const { details, prefix, seed } = this.#context;
    const shown = {
      finish_reason: formatFinishReason(this.#finish),
      prompt_tokens: usage.promptTokens,
      input_length: usage.promptTokens,
      generated_tokens: usage.completionTokens,
      seed,
    };
    return this.#frame(this.#tokens.end() ?? CLOSING_TOKEN, prefix + this.#tokens.text, details ? shown : null);
  }

  #frame(token: GeneratedToken, text: string | null, details: object | null): string {
    this.#index++;
    return `data:${JSON.stringify({ index: this.#index, token, generated_text: text, details })}\n\n`;
  }
}
