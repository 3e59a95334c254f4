import type { Clock } from "@arriero/fleet";
import type { GenerationEvent, GenerationRequest } from "@arriero/spec";
import type { AnswerReader } from "../backend/bounded-exchange.ts";
import { ForeignAnswer } from "../backend/foreign-answer.ts";
import { countOf, isObject, type JsonObject, objectOf, parseObject, textOf } from "../backend/json-object.ts";
import { SseReader } from "../backend/sse-reader.ts";
import { readFinishReason } from "../openai/finish-reason.ts";
import { streamedError } from "../openai/streamed-error.ts";
import { StopCut } from "./stop-cut.ts";

/** Reads the stream of a TGI container: a token an event, the last with what became of them all. */
export class TgiAnswer implements AnswerReader<GenerationEvent> {
  readonly #sse = new SseReader();
  readonly #answer: ForeignAnswer;
  readonly #cut: StopCut;

  constructor(request: GenerationRequest, clock: Clock) {
    this.#answer = new ForeignAnswer(request, clock);
    this.#cut = new StopCut(request.stop);
  }

  get streaming(): boolean {
    return this.#answer.streaming;
  }

  get finished(): boolean {
    return this.#answer.finished;
  }

  push(chunk: Uint8Array): GenerationEvent[] {
    return this.#sse.push(chunk).flatMap(({ data }) => this.#event(parseObject(data)));
  }

  end(): GenerationEvent[] {
    const rest = this.finished ? [] : this.#sse.end().flatMap(({ data }) => this.#event(parseObject(data)));
    return [...rest, ...this.#answer.end()];
  }

  #event(chunk: JsonObject): GenerationEvent[] {
    if (chunk.error !== undefined && chunk.error !== null) throw streamedError(chunk, this.streaming);
    const token = objectOf(chunk.token);
    // A special token ends the text and is none of it.
    const said = token.special === true ? "" : textOf(token.text);
    const events = [...this.#answer.start(), ...this.#answer.text(0, "text", this.#cut.push(said))];
    if (isObject(chunk.details)) events.push(...this.#finish(chunk.details));
    return events;
  }

  #finish(details: JsonObject): GenerationEvent[] {
    const { stop, text } = this.#cut.end();
    const events = this.#answer.text(0, "text", text);
    this.#answer.finish(0, readFinishReason(textOf(details.finish_reason)), stop);
    this.#answer.usage = {
      promptTokens: countOf(details.input_length),
      cachedTokens: 0,
      completionTokens: countOf(details.generated_tokens),
      reasoningTokens: 0,
    };
    return events;
  }
}
