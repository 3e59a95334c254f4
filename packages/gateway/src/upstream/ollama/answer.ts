import type { Clock } from "@arriero/fleet";
import type { GenerationEvent, GenerationRequest } from "@arriero/spec";
import { broken } from "../backend/backend-faults.ts";
import type { AnswerReader } from "../backend/bounded-exchange.ts";
import { ForeignAnswer } from "../backend/foreign-answer.ts";
import { countOf, type JsonObject, objectOf, objectsOf, parseObject, textOf } from "../backend/json-object.ts";
import { LineReader } from "../backend/line-reader.ts";

/** Reads the lines of /api/chat and /api/generate. */
export class OllamaAnswer implements AnswerReader<GenerationEvent> {
  readonly #lines = new LineReader();
  readonly #answer: ForeignAnswer;
  /** Lines carry their time in nanoseconds: two equal ones in a row are one that was delivered twice. */
  #lastLine = "";
  #calls = 0;

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
    return this.#lines.push(chunk).flatMap((line) => this.#line(line));
  }

  end(): GenerationEvent[] {
    const rest = this.finished ? [] : this.#lines.end().flatMap((line) => this.#line(line));
    return [...rest, ...this.#answer.end()];
  }

  #line(line: string): GenerationEvent[] {
    if (line === this.#lastLine) return [];
    this.#lastLine = line;
    const chunk = parseObject(line);
    if (chunk.error !== undefined) throw broken("replica_failed", `The backend failed: ${textOf(chunk.error).slice(0, 500)}`);
    const message = objectOf(chunk.message);
    const events = [
      ...this.#answer.start(),
      ...this.#answer.text(0, "reasoning", textOf(message.thinking ?? chunk.thinking)),
      ...this.#answer.text(0, "text", textOf(message.content ?? chunk.response)),
      ...objectsOf(message.tool_calls).flatMap((call) => this.#call(objectOf(call.function))),
    ];
    if (chunk.done === true) this.#finish(chunk);
    return events;
  }

  /** A call comes whole. */
  #call(called: JsonObject): GenerationEvent[] {
    const index = this.#calls++;
    const name = typeof called.name === "string" ? called.name : undefined;
    return this.#answer.call(0, { index, name, arguments: JSON.stringify(objectOf(called.arguments)) });
  }

  #finish(chunk: JsonObject): void {
    const reason = chunk.done_reason ?? "stop";
    // `load` and `unload`: nothing was generated.
    if (reason !== "stop" && reason !== "length")
      throw broken("replica_failed", `The backend gave the answer up (${String(reason)}).`);
    this.#answer.finish(0, reason);
    this.#answer.usage = {
      promptTokens: countOf(chunk.prompt_eval_count),
      cachedTokens: 0,
      completionTokens: countOf(chunk.eval_count),
      reasoningTokens: 0,
    };
  }
}
