import type { LanguageModelV3StreamPart, LanguageModelV3Usage, SharedV3Warning } from "@ai-sdk/provider";
import type { Clock } from "@arriero/fleet";
import { ArrieroError, type GenerationEvent, type GenerationRequest } from "@arriero/spec";
import { malformed } from "../backend/backend-faults.ts";
import type { AnswerReader } from "../backend/bounded-exchange.ts";
import { type CallPiece, ForeignAnswer, type UsageCounts } from "../backend/foreign-answer.ts";
import { objectOf } from "../backend/json-object.ts";
import { readFinish } from "./finish-reason.ts";

/** What an answer without them would not be what was asked for. */
const ESSENTIAL = new Set(["responseFormat", "tools", "toolChoice"]);

/** Turns the parts of the AI SDK's stream into events. */
export class VendorAnswer implements AnswerReader<GenerationEvent, LanguageModelV3StreamPart> {
  readonly #answer: ForeignAnswer;
  /** Call id -> its position and whether arguments have come. */
  readonly #calls = new Map<string, { readonly index: number; argued: boolean }>();
  readonly #fault: (error: unknown, streaming: boolean) => Error;

  /** @param fault what an error inside the stream means; `streaming`: output has begun */
  constructor(request: GenerationRequest, clock: Clock, fault: (error: unknown, streaming: boolean) => Error) {
    this.#answer = new ForeignAnswer(request, clock);
    this.#fault = fault;
  }

  get streaming(): boolean {
    return this.#answer.streaming;
  }

  get finished(): boolean {
    return this.#answer.finished;
  }

  push(part: LanguageModelV3StreamPart): GenerationEvent[] {
    switch (part.type) {
      case "stream-start":
        refuseWithout(part.warnings);
        return [];
      case "text-delta":
        return [...this.#answer.start(), ...this.#answer.text(0, "text", part.delta)];
      case "reasoning-delta":
        return [...this.#answer.start(), ...this.#answer.text(0, "reasoning", part.delta)];
      case "tool-input-start":
        return this.#call(part.id, part.toolName, "");
      case "tool-input-delta":
        return this.#call(part.id, undefined, part.delta);
      case "tool-call":
        return this.#whole(part.toolCallId, part.toolName, part.input);
      case "finish":
        return this.#finish(part);
      case "error":
        throw this.#fault(part.error, this.streaming);
      case "tool-result":
      case "tool-approval-request":
      case "file":
        throw malformed(`a ${part.type}, which nobody asked for`);
      case "text-start":
      case "text-end":
      case "reasoning-start":
      case "reasoning-end":
      case "tool-input-end":
      case "response-metadata":
      case "source":
      case "raw":
        return [];
      default:
        return part satisfies never;
    }
  }

  end(): GenerationEvent[] {
    return this.#answer.end();
  }

  #call(id: string, name: string | undefined, args: string): GenerationEvent[] {
    const call = this.#calls.get(id) ?? { index: this.#calls.size, argued: false };
    this.#calls.set(id, call);
    call.argued ||= args !== "";
    const piece: CallPiece = { index: call.index, id, name, arguments: args };
    return [...this.#answer.start(), ...this.#answer.call(0, piece)];
  }

  /** The call once more, as a whole: new only where its pieces were not told. */
  #whole(id: string, name: string, input: string): GenerationEvent[] {
    return this.#calls.get(id)?.argued === true ? [] : this.#call(id, name, input);
  }

  #finish({ finishReason, providerMetadata, usage }: Extract<LanguageModelV3StreamPart, { type: "finish" }>): GenerationEvent[] {
    const reason = readFinish(finishReason);
    const { stopSequence } = objectOf(providerMetadata?.anthropic ?? providerMetadata?.bedrock);
    const events = this.#answer.start();
    this.#answer.finish(0, reason, typeof stopSequence === "string" ? stopSequence : null);
    this.#answer.usage = readUsage(usage);
    return events;
  }
}

/** null: the vendor told none, so pieces are counted. */
function readUsage({ inputTokens, outputTokens }: LanguageModelV3Usage): UsageCounts | null {
  if (outputTokens.total === undefined) return null;
  return {
    promptTokens: inputTokens.total ?? 0,
    cachedTokens: inputTokens.cacheRead ?? 0,
    completionTokens: outputTokens.total,
    reasoningTokens: outputTokens.reasoning ?? 0,
  };
}

/** A package that cannot say something to its vendor leaves it out and warns. */
function refuseWithout(warnings: readonly SharedV3Warning[]): void {
  for (const warning of warnings) {
    if (warning.type !== "unsupported" || !ESSENTIAL.has(warning.feature)) continue;
    const detail = warning.details === undefined ? "" : `: ${warning.details}`;
    throw new ArrieroError("unsupported", `The backend of this model cannot do ${warning.feature} as asked${detail}.`);
  }
}
