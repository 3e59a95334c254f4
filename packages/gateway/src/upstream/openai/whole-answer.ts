import type { Clock } from "@arriero/fleet";
import type { GenerationEvent } from "@arriero/spec";
import { malformed } from "../backend/backend-faults.ts";
import type { AnswerReader } from "../backend/bounded-exchange.ts";
import { type AnsweredRequest, ForeignAnswer } from "../backend/foreign-answer.ts";
import { countOf, isObject, type JsonObject, objectOf, objectsOf, parseObject, textOf } from "../backend/json-object.ts";
import { readFinishReason } from "./finish-reason.ts";
import { streamedError } from "./streamed-error.ts";
import { readUsage } from "./usage.ts";

/** Characters of a token, roughly, where a server does not count them. */
const TOKEN_CHARS = 4;

/** Reads a chat completion or a completion that comes in one piece. */
export class OpenAiWholeAnswer implements AnswerReader<GenerationEvent> {
  readonly streaming = false;
  readonly finished = false;
  readonly #answer: ForeignAnswer;
  readonly #chunks: Uint8Array[] = [];

  constructor(request: AnsweredRequest, clock: Clock) {
    this.#answer = new ForeignAnswer(request, clock);
  }

  push(chunk: Uint8Array): GenerationEvent[] {
    this.#chunks.push(chunk);
    return [];
  }

  end(): GenerationEvent[] {
    const [only] = this.#chunks;
    const bytes = this.#chunks.length === 1 ? only! : Buffer.concat(this.#chunks);
    const body = parseObject(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
    if (body.error !== undefined && body.error !== null) throw streamedError(body, false);
    if (isObject(body.usage)) this.#answer.usage = readUsage(body.usage);
    const choices = objectsOf(body.choices);
    const events = this.#answer.start();
    for (const choice of choices) this.#choice(choice, events);
    events.push(...this.#answer.end());
    return events;
  }

  #choice(choice: JsonObject, events: GenerationEvent[]): void {
    const index = countOf(choice.index);
    const message = objectOf(choice.message);
    const say = (type: "text" | "reasoning", said: string): void => {
      if (said !== "") events.push(...this.#answer.text(index, type, said, Math.ceil(said.length / TOKEN_CHARS)));
    };
    say("reasoning", textOf(message.reasoning_content ?? message.reasoning));
    say("text", textOf(message.content ?? choice.text) + textOf(message.refusal));
    for (const [at, call] of calls(message).entries()) {
      const called = objectOf(call.function);
      const id = typeof call.id === "string" && call.id !== "" ? call.id : undefined;
      const name = typeof called.name === "string" && called.name !== "" ? called.name : undefined;
      events.push(...this.#answer.call(index, { index: at, id, name, arguments: textOf(called.arguments) }));
    }
    const reason = choice.finish_reason;
    if (typeof reason !== "string" || reason === "") throw malformed("a choice that is not finished");
    this.#answer.finish(index, readFinishReason(reason), typeof choice.stop_reason === "string" ? choice.stop_reason : null);
  }
}

function calls(message: JsonObject): readonly JsonObject[] {
  if (isObject(message.function_call)) return [{ function: message.function_call }];
  return objectsOf(message.tool_calls);
}
