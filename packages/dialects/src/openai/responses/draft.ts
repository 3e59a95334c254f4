import { ArrieroError, type FinishReason, type GenerationEvent, type GenerationEventOf } from "@arriero/spec";
import { brokenOff } from "../../frame-writer.ts";
import { errorBody } from "../errors.ts";
import { formatItem, formatPart, type ItemStatus, type OutputItem } from "./output-items.ts";
import type { ResponsePresentation } from "./parse.ts";

/** An event of a streamed response, but for its `sequence_number`. */
export interface ResponseEvent {
  readonly type: string;
  readonly [more: string]: unknown;
}

/**
 * A response as its events arrive: what each is worth to a stream, and the response so far. At most one item is open;
 * what belongs to another closes it. Its size is bounded by the tokens asked for.
 */
export class ResponseDraft {
  readonly #presentation: ResponsePresentation;
  readonly #items: OutputItem[] = [];
  #open: OutputItem | null = null;
  #reason: FinishReason | null = null;
  #status: "in_progress" | "completed" | "incomplete" | "failed" = "in_progress";
  #error: { readonly code: string; readonly message: string } | null = null;
  #usage: Record<string, unknown> | null = null;

  constructor(presentation: ResponsePresentation) {
    this.#presentation = presentation;
  }

  /** Nothing more comes of it. */
  get ended(): boolean {
    return this.#status !== "in_progress";
  }

  /** Throws replica_failed where the events end before the answer has. */
  accept(event: GenerationEvent): ResponseEvent[] {
    if (this.ended) return [];
    switch (event.type) {
      case "start":
        return [this.#lifecycle("response.created"), this.#lifecycle("response.in_progress")];
      case "text":
        return event.text === "" ? [] : this.#extend("message", event.text);
      case "reasoning":
        return event.text === "" ? [] : this.#extend("reasoning", event.text);
      case "tool-call":
        return this.#call(event);
      case "finish":
        return this.#finish(event.reason);
      case "usage":
        return this.#end(event);
      case "error":
        return this.fail(ArrieroError.from(event.error));
      default:
        return event satisfies never;
    }
  }

  fail(error: ArrieroError): ResponseEvent[] {
    if (this.ended) return [];
    const events = this.#close("incomplete");
    const { code, message } = errorBody(error).error;
    this.#error = { code, message };
    this.#status = "failed";
    return [...events, this.#lifecycle("response.failed")];
  }

  /** The response so far. */
  format(): Record<string, unknown> {
    const { created, echo, id, model } = this.#presentation;
    return {
      id,
      object: "response",
      created_at: created,
      status: this.#status,
      background: false,
      error: this.#error,
      incomplete_details: this.#status === "incomplete" ? { reason: "max_output_tokens" } : null,
      model,
      output: this.#items.map((item) => formatItem(item)),
      ...echo,
      usage: this.#usage,
    };
  }

  #extend(kind: "message" | "reasoning", delta: string): ResponseEvent[] {
    const events = this.#open?.kind === kind ? [] : this.#begin(kind);
    const item = this.#open!;
    item.text += delta;
    const type = kind === "message" ? "response.output_text.delta" : "response.reasoning_text.delta";
    events.push({ type, ...this.#place(item), content_index: 0, delta, ...(kind === "message" ? { logprobs: [] } : {}) });
    return events;
  }

  #begin(kind: "message" | "reasoning"): ResponseEvent[] {
    const events = this.#close("completed");
    const prefix = kind === "message" ? "msg" : "rs";
    const item = { kind, id: this.#itemId(prefix), text: "", status: "in_progress" as ItemStatus };
    events.push(this.#add(item));
    events.push({ type: "response.content_part.added", ...this.#place(item), content_index: 0, part: formatPart(item) });
    return events;
  }

  #call(event: GenerationEventOf<"tool-call">): ResponseEvent[] {
    const events: ResponseEvent[] = [];
    if (this.#open?.kind !== "call" || this.#open.index !== event.index) {
      events.push(...this.#close("completed"));
      const callId = event.id ?? `call_${this.#presentation.id}_${event.index}`;
      const started = { index: event.index, callId, name: event.name ?? "", text: "", status: "in_progress" as ItemStatus };
      events.push(this.#add({ kind: "call", id: this.#itemId("fc"), ...started }));
    }
    if (event.arguments !== "") {
      const item = this.#open!;
      item.text += event.arguments;
      events.push({ type: "response.function_call_arguments.delta", ...this.#place(item), delta: event.arguments });
    }
    return events;
  }

  #finish(reason: FinishReason): ResponseEvent[] {
    this.#reason = reason;
    // An answer without a word is still a message: clients look for one.
    const events = this.#items.length === 0 ? this.#begin("message") : [];
    return [...events, ...this.#close(isWhole(reason) ? "completed" : "incomplete")];
  }

  #end(usage: GenerationEventOf<"usage">): ResponseEvent[] {
    if (this.#reason === null) throw brokenOff();
    const events = this.#close("incomplete");
    this.#usage = {
      input_tokens: usage.promptTokens,
      input_tokens_details: { cached_tokens: usage.cachedTokens },
      output_tokens: usage.completionTokens,
      output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
      total_tokens: usage.promptTokens + usage.completionTokens,
    };
    this.#status = isWhole(this.#reason) ? "completed" : "incomplete";
    return [...events, this.#lifecycle(`response.${this.#status}`)];
  }

  #add(item: OutputItem): ResponseEvent {
    this.#items.push(item);
    this.#open = item;
    return { type: "response.output_item.added", output_index: this.#items.length - 1, item: formatItem(item, true) };
  }

  #close(status: "completed" | "incomplete"): ResponseEvent[] {
    const item = this.#open;
    if (item === null) return [];
    item.status = status;
    const place = this.#place(item);
    const done = { type: "response.output_item.done", output_index: place.output_index, item: formatItem(item) };
    this.#open = null;
    switch (item.kind) {
      case "call":
        return [{ type: "response.function_call_arguments.done", ...place, name: item.name, arguments: item.text }, done];
      case "message":
      case "reasoning": {
        const text = { ...place, content_index: 0, text: item.text };
        const whole =
          item.kind === "message"
            ? { type: "response.output_text.done", ...text, logprobs: [] }
            : { type: "response.reasoning_text.done", ...text };
        return [whole, { type: "response.content_part.done", ...place, content_index: 0, part: formatPart(item) }, done];
      }
      default:
        return item satisfies never;
    }
  }

  #place(item: OutputItem): { item_id: string; output_index: number } {
    return { item_id: item.id, output_index: this.#items.length - 1 };
  }

  #itemId(prefix: string): string {
    return `${prefix}_${this.#presentation.id.slice("resp_".length)}_${this.#items.length}`;
  }

  #lifecycle(type: string): ResponseEvent {
    return { type, response: this.format() };
  }
}

/** A cancelled answer was cut short, like one that reached its length. */
function isWhole(reason: FinishReason): boolean {
  return reason === "stop" || reason === "tool-calls";
}
