import type { Clock } from "@arriero/fleet";
import type { GenerationEvent, GenerationRequest } from "@arriero/spec";
import { malformed } from "../backend/backend-faults.ts";
import type { AnswerReader } from "../backend/bounded-exchange.ts";
import { ForeignAnswer } from "../backend/foreign-answer.ts";
import { countOf, isObject, type JsonObject, objectOf, objectsOf, parseObject, textOf } from "../backend/json-object.ts";
import { type SseEvent, SseReader } from "../backend/sse-reader.ts";
import { ContentRuns } from "./content-runs.ts";
import { readFinishReason } from "./finish-reason.ts";
import { RepeatedChunks } from "./repeated-chunks.ts";
import { streamedError } from "./streamed-error.ts";
import { readUsage } from "./usage.ts";

/** Reads the stream of a chat completion or a completion, as OpenAI and the servers that follow it send it. */
export class OpenAiAnswer implements AnswerReader<GenerationEvent> {
  readonly #sse = new SseReader();
  readonly #answer: ForeignAnswer;
  readonly #repeated = new RepeatedChunks();
  readonly #runs = new ContentRuns();
  readonly #lastCall = new Map<number, number>();
  #done = false;

  constructor(request: GenerationRequest, clock: Clock) {
    this.#answer = new ForeignAnswer(request, clock);
  }

  get streaming(): boolean {
    return this.#answer.streaming;
  }

  get finished(): boolean {
    return this.#answer.finished;
  }

  push(chunk: Uint8Array): GenerationEvent[] {
    const text = this.#sse.decode(chunk);
    const events: GenerationEvent[] = [];
    for (let at = 0; at < text.length; ) {
      const run = this.#done || !this.#sse.isBetweenEvents ? null : this.#runs.take(text, at);
      if (run === null) {
        const blank = text.indexOf("\n\n", at);
        const end = blank === -1 ? text.length : blank + 2;
        for (const event of this.#sse.read(text.slice(at, end))) events.push(...this.#event(event));
        at = end;
      } else {
        this.#repeated.passed(run.first, run.last, run.repeats);
        events.push(...this.#answer.text(run.choice, "text", run.text, run.pieces));
        at = run.end;
      }
    }
    return events;
  }

  end(): GenerationEvent[] {
    // Where nothing is missing, a frame that was cut is one that is not needed.
    const rest = this.finished ? [] : this.#sse.end().flatMap((event) => this.#event(event));
    const closing = this.#answer.end();
    this.#repeated.check(this.#answer.pieces, this.#answer.usage?.completionTokens ?? null);
    return [...rest, ...closing];
  }

  #event({ data, event }: SseEvent): GenerationEvent[] {
    if (this.#done) return [];
    if (data.trim() === "[DONE]") {
      this.#done = true;
      return [];
    }
    const chunk = parseObject(data);
    if (event === "error" || isError(chunk)) throw streamedError(chunk, this.streaming);
    const usage = isObject(chunk.usage) ? chunk.usage : null;
    const choices = objectsOf(chunk.choices);
    if (this.#repeated.isRepeated(data, usage !== null && choices.length > 0)) return [];
    if (usage !== null) this.#answer.usage = readUsage(usage);
    this.#runs.learn(data, chunk);
    return [...this.#answer.start(), ...choices.flatMap((choice) => this.#choice(choice))];
  }

  #choice(choice: JsonObject): GenerationEvent[] {
    const index = countOf(choice.index);
    const delta = objectOf(choice.delta);
    const events = [
      ...this.#answer.text(index, "reasoning", textOf(delta.reasoning_content ?? delta.reasoning)),
      ...this.#answer.text(index, "text", textOf(delta.content ?? choice.text) + textOf(delta.refusal)),
      ...objectsOf(delta.tool_calls).flatMap((call) => this.#call(index, call)),
    ];
    if (isObject(delta.function_call)) events.push(...this.#call(index, { index: 0, function: delta.function_call }));
    if (typeof choice.finish_reason === "string" && choice.finish_reason !== "") {
      this.#answer.finish(
        index,
        readFinishReason(choice.finish_reason),
        typeof choice.stop_reason === "string" ? choice.stop_reason : null,
      );
    }
    return events;
  }

  /** Some servers leave out the index: then an id begins the next call. */
  #call(choice: number, call: JsonObject): GenerationEvent[] {
    const called = objectOf(call.function);
    const last = this.#lastCall.get(choice) ?? -1;
    const id = typeof call.id === "string" && call.id !== "" ? call.id : undefined;
    const index = typeof call.index === "number" ? countOf(call.index) : id === undefined ? Math.max(0, last) : last + 1;
    if (index > last + 1) throw malformed(`tool call ${index} after ${last}`);
    this.#lastCall.set(choice, Math.max(last, index));
    const name = typeof called.name === "string" && called.name !== "" ? called.name : undefined;
    return this.#answer.call(choice, { index, id, name, arguments: textOf(called.arguments) });
  }
}

/** `error: null` on a good chunk is a habit of some. */
function isError(chunk: JsonObject): boolean {
  return (chunk.error !== undefined && chunk.error !== null) || chunk.object === "error";
}
