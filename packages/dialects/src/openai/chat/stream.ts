import { ArrieroError, type GenerationEvent, type GenerationEventOf, type TokenLogprob } from "@arriero/spec";
import type { FrameWriter } from "../../frame-writer.ts";
import { ChunkEnvelope } from "../chunk-envelope.ts";
import { formatFinishReason } from "../finish-reason.ts";
import { errorFrame } from "../sse.ts";
import { formatChatLogprobs } from "./logprobs.ts";
import type { ChatPresentation } from "./parse.ts";

/** chat.completion.chunk frames; an event costs one JSON.stringify of its text. */
export class ChatFrames implements FrameWriter {
  done = false;
  readonly #presentation: ChatPresentation;
  readonly #envelope: ChunkEnvelope;
  /** Log probabilities of tokens whose text is not released yet, by choice. */
  readonly #held = new Map<number, TokenLogprob[]>();

  constructor(presentation: ChatPresentation) {
    this.#presentation = presentation;
    this.#envelope = new ChunkEnvelope("chat.completion.chunk", presentation);
  }

  write(event: GenerationEvent): string {
    if (this.done) return "";
    switch (event.type) {
      case "start":
        return this.#opening();
      case "text":
        return this.#text(event);
      case "reasoning":
        return event.text === "" ? "" : this.#chunk(event.choice, `{"reasoning_content":${JSON.stringify(event.text)}}`);
      case "tool-call":
        return this.#toolCall(event);
      case "finish":
        return this.#finish(event);
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

  #opening(): string {
    let frames = "";
    for (let choice = 0; choice < this.#presentation.choices; choice++) {
      frames += this.#chunk(choice, '{"role":"assistant","content":"","refusal":null}');
    }
    return frames;
  }

  #text(event: GenerationEventOf<"text" | "reasoning">): string {
    if (event.logprobs !== undefined && this.#presentation.logprobs) this.#hold(event.choice, event.logprobs);
    if (event.text === "") return "";
    return this.#chunk(event.choice, `{"content":${JSON.stringify(event.text)}}`, this.#release(event.choice));
  }

  #toolCall(event: GenerationEventOf<"tool-call">): string {
    const opens = event.id !== undefined || event.name !== undefined;
    if (!opens && event.arguments === "") return "";
    const called = { ...(opens ? { name: event.name ?? "" } : {}), arguments: event.arguments };
    if (this.#presentation.legacyFunctions) return this.#chunk(event.choice, JSON.stringify({ function_call: called }));
    const opening = opens ? { id: event.id ?? "", type: "function" } : {};
    const call = { index: event.index, ...opening, function: called };
    return this.#chunk(event.choice, JSON.stringify({ tool_calls: [call] }));
  }

  #finish(event: GenerationEventOf<"finish">): string {
    const reason = formatFinishReason(event.reason, this.#presentation.legacyFunctions);
    return this.#chunk(event.choice, "{}", this.#release(event.choice), `"${reason}"`);
  }

  #closing(event: GenerationEventOf<"usage">): string {
    this.done = true;
    return this.#envelope.end([event]);
  }

  #chunk(choice: number, delta: string, logprobs?: string, finishReason?: string): string {
    return this.#envelope.chunk(choice, `"delta":${delta}`, logprobs, finishReason);
  }

  #hold(choice: number, logprobs: readonly TokenLogprob[]): void {
    const held = this.#held.get(choice);
    if (held === undefined) this.#held.set(choice, [...logprobs]);
    else held.push(...logprobs);
  }

  #release(choice: number): string {
    const held = this.#held.get(choice);
    if (held === undefined) return "null";
    this.#held.delete(choice);
    return JSON.stringify(formatChatLogprobs(held));
  }
}
