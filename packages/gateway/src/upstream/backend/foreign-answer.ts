import type { Clock } from "@arriero/fleet";
import type { FinishReason, GenerationEvent, GenerationEventOf, GenerationRequest } from "@arriero/spec";
import { broken, malformed } from "./backend-faults.ts";

const HIGH_SURROGATE_AT_END = /[\ud800-\udbff]$/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** A call's beginning or its next piece, as a protocol tells it. */
export interface CallPiece {
  readonly index: number;
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly arguments: string;
}

export interface UsageCounts {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
  readonly reasoningTokens: number;
}

/** As much of a request as its answer depends on. */
export type AnsweredRequest = Pick<GenerationRequest, "id" | "model" | "n">;

interface Choice {
  /** Half a character, by channel: UTF-16 may be cut between two chunks. */
  readonly held: Map<string, string>;
  readonly calls: Set<number>;
  finish: { readonly reason: FinishReason; readonly stopSequence: string | null } | null;
}

/**
 * The events of one answer that comes without token ids, whatever the protocol. Text leaves in whole characters. A finish
 * is held until the end: output after it shows that the order was lost, and what broke can still be mended. Pieces count
 * as tokens where the backend tells no usage.
 */
export class ForeignAnswer {
  readonly #request: AnsweredRequest;
  readonly #clock: Clock;
  readonly #begunAt: number;
  readonly #choices: Choice[] = [];
  #firstOutputAt: number | null = null;
  #started = false;
  #pieces = 0;
  #reasoningPieces = 0;
  usage: UsageCounts | null = null;

  constructor(request: AnsweredRequest, clock: Clock) {
    this.#request = request;
    this.#clock = clock;
    this.#begunAt = clock.now();
    while (this.#choices.length < request.n) this.#choices.push({ held: new Map(), calls: new Set(), finish: null });
  }

  get streaming(): boolean {
    return this.#firstOutputAt !== null;
  }

  get finished(): boolean {
    return this.#choices.every(({ finish }) => finish !== null);
  }

  /** Output pieces so far, all choices together. */
  get pieces(): number {
    return this.#pieces;
  }

  /** The first event, once. */
  start(): GenerationEvent[] {
    if (this.#started) return [];
    this.#started = true;
    const { id, model } = this.#request;
    return [{ type: "start", id, model, promptTokens: 0, cachedTokens: 0 }];
  }

  /** @param pieces that `said` was joined from */
  text(index: number, type: "text" | "reasoning", said: string, pieces = 1): GenerationEvent[] {
    if (said === "") return [];
    const choice = this.#open(index);
    this.#pieces += pieces;
    if (type === "reasoning") this.#reasoningPieces += pieces;
    const text = whole(choice, type, said);
    return text === "" ? [] : [{ type, choice: index, tokens: [], text, ...(pieces === 1 ? {} : { pieces }) }];
  }

  call(index: number, piece: CallPiece): GenerationEvent[] {
    const choice = this.#open(index);
    const opens = !choice.calls.has(piece.index);
    if (opens && piece.name === undefined) throw malformed("a tool call without a name");
    if (opens) choice.calls.add(piece.index);
    else if (piece.arguments === "") return [];
    this.#pieces++;
    const opening = opens ? { id: piece.id ?? `call_${index}_${piece.index}`, name: piece.name ?? "" } : {};
    const args = whole(choice, `call ${piece.index}`, piece.arguments);
    return [{ type: "tool-call", choice: index, tokens: [], index: piece.index, ...opening, arguments: args }];
  }

  finish(index: number, reason: FinishReason, stopSequence: string | null = null): void {
    const choice = this.#choice(index);
    const called = reason === "stop" && choice.calls.size > 0;
    choice.finish ??= { reason: called ? "tool-calls" : reason, stopSequence };
  }

  /** Finishes and usage. Throws where a choice is not finished. */
  end(): GenerationEvent[] {
    if (!this.#started) throw malformed("an empty stream");
    if (!this.finished) throw broken("replica_failed", "The backend ended the stream before the answer was complete.");
    const finishes = this.#choices.map((choice, index): GenerationEvent => {
      if ([...choice.held.values()].some((half) => half !== "")) throw malformed("half a character at the end");
      return { type: "finish", choice: index, tokens: [], ...choice.finish! };
    });
    return [...finishes, this.#usage()];
  }

  #open(index: number): Choice {
    const choice = this.#choice(index);
    if (choice.finish !== null) throw malformed("output after its finish");
    this.#firstOutputAt ??= this.#clock.now();
    return choice;
  }

  #choice(index: number): Choice {
    const choice = this.#choices[index];
    if (choice === undefined) throw malformed(`choice ${index} of ${this.#choices.length}`);
    return choice;
  }

  #usage(): GenerationEventOf<"usage"> {
    const now = this.#clock.now();
    const ttftMs = (this.#firstOutputAt ?? now) - this.#begunAt;
    const counted = { promptTokens: 0, cachedTokens: 0, completionTokens: this.#pieces, reasoningTokens: this.#reasoningPieces };
    const timings = { queueMs: 0, prefillMs: ttftMs, decodeMs: now - this.#begunAt - ttftMs, ttftMs };
    return { type: "usage", ...(this.usage ?? counted), timings };
  }
}

function whole(choice: Choice, channel: string, piece: string): string {
  const text = (choice.held.get(channel) ?? "") + piece;
  const half = HIGH_SURROGATE_AT_END.test(text) ? text.slice(-1) : "";
  const ready = text.slice(0, text.length - half.length);
  if (LONE_SURROGATE.test(ready)) throw malformed("half a character");
  choice.held.set(channel, half);
  return ready;
}
