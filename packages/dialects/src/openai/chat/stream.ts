import { ArrieroError, type GenerationEvent, type GenerationEventOf, type TokenLogprob } from "@arriero/spec";
import type { FrameWriter } from "../../frame-writer.ts";
import { formatFinishReason } from "../finish-reason.ts";
import { DONE_FRAME, errorFrame } from "../sse.ts";
import { formatUsage } from "../usage.ts";
import { formatChatLogprobs } from "./logprobs.ts";
import type { ChatPresentation } from "./parse.ts";

/**
 * chat.completion.chunk frames. All of a chunk but its delta is the same throughout an answer, so it is serialised
 * once; an event costs one JSON.stringify of its text.
 */
export class ChatFrames implements FrameWriter {
  done = false;
  readonly #presentation: ChatPresentation;
  /** The chunk up to its choices. */
  readonly #head: string;
  /** The chunk from its choice's end on. */
  readonly #tail: string;
  /** Log probabilities of tokens whose text is not released yet, by choice. */
  readonly #held = new Map<number, TokenLogprob[]>();

  constructor(presentation: ChatPresentation) {
    this.#presentation = presentation;
    const constant = JSON.stringify({
      id: presentation.id,
      object: "chat.completion.chunk",
      created: presentation.created,
      model: presentation.model,
      system_fingerprint: presentation.fingerprint,
    });
    this.#head = `data: ${constant.slice(0, -1)},"choices":[`;
    this.#tail = presentation.includeUsage ? `}],"usage":null}\n\n` : "}]}\n\n";
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
    if (!this.#presentation.includeUsage) return DONE_FRAME;
    return `${this.#head}],"usage":${JSON.stringify(formatUsage([event]))}}\n\n${DONE_FRAME}`;
  }

  #chunk(choice: number, delta: string, logprobs = "null", finishReason = "null"): string {
    return `${this.#head}{"index":${choice},"delta":${delta},"logprobs":${logprobs},"finish_reason":${finishReason}${this.#tail}`;
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
