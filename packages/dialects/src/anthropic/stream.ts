import { ArrieroError, type GenerationEvent, type GenerationEventOf } from "@arriero/spec";
import { brokenOff, type FrameWriter } from "../frame-writer.ts";
import { type ContentBlock, NO_SIGNATURE } from "./content-block.ts";
import type { MessagePresentation } from "./parse.ts";
import { errorFrame, frame } from "./sse.ts";
import { formatStop } from "./stop-reason.ts";
import { formatUsage, openingUsage } from "./usage.ts";

/** The content block being written: one at a time, each with a position of its own. */
type OpenBlock =
  | { readonly type: "text" | "reasoning"; readonly index: number }
  | { readonly type: "tool-call"; readonly index: number; readonly call: number };

/**
 * The events of a message. Blocks open and close as the kind of output changes. Why the message ended is told with its
 * usage, so the finish waits for that.
 */
export class MessageFrames implements FrameWriter {
  done = false;
  readonly #presentation: MessagePresentation;
  #block: OpenBlock | null = null;
  #blocks = 0;
  #finish: GenerationEventOf<"finish"> | null = null;

  constructor(presentation: MessagePresentation) {
    this.#presentation = presentation;
  }

  write(event: GenerationEvent): string {
    if (this.done) return "";
    switch (event.type) {
      case "start":
        return this.#opening(event);
      case "text":
      case "reasoning":
        return event.text === "" ? "" : this.#text(event);
      case "tool-call":
        return this.#toolCall(event);
      case "finish":
        this.#finish = event;
        return this.#close();
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
    return errorFrame(error, this.#presentation.requestId);
  }

  #opening(event: GenerationEventOf<"start">): string {
    const message = {
      id: this.#presentation.id,
      type: "message",
      role: "assistant",
      model: this.#presentation.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: openingUsage(event),
    };
    return frame("message_start", { message }) + frame("ping", {});
  }

  #text({ text, type }: GenerationEventOf<"text" | "reasoning">): string {
    const opening = this.#block?.type === type ? "" : this.#open(type);
    if (type === "text") return opening + this.#delta({ type: "text_delta", text });
    if (this.#presentation.thinking === "omitted") return opening;
    return opening + this.#delta({ type: "thinking_delta", thinking: text });
  }

  #open(type: "text" | "reasoning"): string {
    const closing = this.#close();
    this.#block = { type, index: this.#blocks++ };
    const block: ContentBlock = type === "text" ? { type: "text", text: "" } : { type: "thinking", thinking: "", signature: "" };
    return closing + this.#start(this.#block, block);
  }

  #toolCall(event: GenerationEventOf<"tool-call">): string {
    const goesOn = this.#block?.type === "tool-call" && this.#block.call === event.index;
    const opening = goesOn ? "" : this.#openCall(event);
    return event.arguments === "" ? opening : opening + this.#delta({ type: "input_json_delta", partial_json: event.arguments });
  }

  #openCall({ id = "", index, name = "" }: GenerationEventOf<"tool-call">): string {
    const closing = this.#close();
    this.#block = { type: "tool-call", index: this.#blocks++, call: index };
    return closing + this.#start(this.#block, { type: "tool_use", id, name, input: {} });
  }

  #close(): string {
    const block = this.#block;
    if (block === null) return "";
    const signature = block.type === "reasoning" ? this.#delta({ type: "signature_delta", signature: NO_SIGNATURE }) : "";
    this.#block = null;
    return signature + frame("content_block_stop", { index: block.index });
  }

  #closing(usage: GenerationEventOf<"usage">): string {
    if (this.#finish === null) return this.fail(brokenOff());
    this.done = true;
    const delta = formatStop(this.#finish, usage, this.#presentation);
    return frame("message_delta", { delta, usage: formatUsage(usage) }) + frame("message_stop", {});
  }

  #start({ index }: OpenBlock, content_block: ContentBlock): string {
    return frame("content_block_start", { index, content_block });
  }

  #delta(delta: Readonly<Record<string, string>>): string {
    return frame("content_block_delta", { index: this.#block?.index ?? 0, delta });
  }
}
