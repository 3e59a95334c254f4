import { ArrieroError, type GenerationEvent, type GenerationEventOf, type TokenLogprob } from "@arriero/spec";
import type { FrameWriter } from "../../frame-writer.ts";
import { ChunkEnvelope } from "../chunk-envelope.ts";
import { formatFinishReason } from "../finish-reason.ts";
import { errorFrame } from "../sse.ts";
import { charactersBegun, formatCompletionLogprobs } from "./logprobs.ts";
import type { CompletionPresentation } from "./parse.ts";

/** text_completion frames, over all prompts of the request. */
export class CompletionFrames implements FrameWriter {
  done = false;
  readonly #presentation: CompletionPresentation;
  readonly #envelope: ChunkEnvelope;
  readonly #usages: GenerationEventOf<"usage">[] = [];
  /** By choice: log probabilities whose text is not released yet, and the position of the first of them. */
  readonly #held = new Map<number, { tokens: TokenLogprob[]; offset: number }>();

  constructor(presentation: CompletionPresentation) {
    this.#presentation = presentation;
    this.#envelope = new ChunkEnvelope("text_completion", presentation);
  }

  write(event: GenerationEvent, prompt = 0): string {
    if (this.done) return "";
    switch (event.type) {
      case "start":
        return this.#echo(prompt);
      case "text":
      case "reasoning":
        return this.#text(event, this.#number(event.choice, prompt));
      case "tool-call":
        return "";
      case "finish": {
        const choice = this.#number(event.choice, prompt);
        return this.#chunk(choice, '""', this.#release(choice), `"${formatFinishReason(event.reason)}"`);
      }
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
    return errorFrame(error);
  }

  #number(choice: number, prompt: number): number {
    return prompt * this.#presentation.choicesPerPrompt + choice;
  }

  #echo(prompt: number): string {
    const prefix = this.#presentation.prefixes[prompt] ?? "";
    if (prefix === "") return "";
    let frames = "";
    for (let choice = 0; choice < this.#presentation.choicesPerPrompt; choice++) {
      frames += this.#chunk(this.#number(choice, prompt), JSON.stringify(prefix));
    }
    return frames;
  }

  #text(event: GenerationEventOf<"text" | "reasoning">, choice: number): string {
    if (event.logprobs !== undefined && this.#presentation.logprobs) this.#hold(choice, event.logprobs);
    if (event.text === "") return "";
    return this.#chunk(choice, JSON.stringify(event.text), this.#release(choice));
  }

  #closing(event: GenerationEventOf<"usage">): string {
    this.#usages.push(event);
    if (this.#usages.length < this.#presentation.prefixes.length) return "";
    this.done = true;
    return this.#envelope.end(this.#usages);
  }

  #chunk(choice: number, text: string, logprobs?: string, finishReason?: string): string {
    return this.#envelope.chunk(choice, `"text":${text}`, logprobs, finishReason);
  }

  #hold(choice: number, logprobs: readonly TokenLogprob[]): void {
    const held = this.#held.get(choice);
    if (held === undefined) this.#held.set(choice, { tokens: [...logprobs], offset: 0 });
    else held.tokens.push(...logprobs);
  }

  #release(choice: number): string {
    const held = this.#held.get(choice);
    if (held === undefined || held.tokens.length === 0) return "null";
    const json = JSON.stringify(formatCompletionLogprobs(held.tokens, held.offset));
    for (const token of held.tokens) held.offset += charactersBegun(token);
    held.tokens = [];
    return json;
  }
}
