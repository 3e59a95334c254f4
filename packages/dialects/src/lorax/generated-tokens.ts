import type { FinishReason, GenerationEvent, GenerationEventOf, TokenLogprob } from "@arriero/spec";

export interface AlternativeToken {
  readonly id: number;
  readonly text: string;
  readonly logprob: number | null;
}

export interface GeneratedToken extends AlternativeToken {
  /** Not part of the text: a control token, or the mark that closes a stream. */
  readonly special: boolean;
  /** True where a server drafted the token and threw it away, which this one never shows. */
  readonly skipped: false;
  readonly alternative_tokens?: readonly AlternativeToken[];
}

export type LoraxFinishReason = "length" | "eos_token" | "stop_sequence";

/**
 * Cuts a generation's events into tokens, each with the text that it released: the texts joined are the generated text.
 * A token that released nothing may still get text (what a stop sequence might have become, an unfinished character),
 * and so waits for the next; any other is given at once, unless `waits` says otherwise.
 */
export class GeneratedTokens {
  readonly #alternatives: number | null;
  readonly #waits: (count: number) => boolean;
  #waiting: GeneratedToken | null = null;
  /** Text that came after the token it belongs to was given. */
  #late = "";
  /** Tokens drawn so far, the waiting one included. */
  count = 0;
  text = "";

  /** @param waits whether the token that makes it so many is held until the next or the end is known */
  constructor(alternatives: number | null, waits: (count: number) => boolean) {
    this.#alternatives = alternatives;
    this.#waits = waits;
  }

  /** Tokens now complete, in order. */
  feed(event: Extract<GenerationEvent, { tokens: readonly number[] }>): GeneratedToken[] {
    const released = event.type === "text" || event.type === "reasoning" ? event.text : "";
    const drawn = event.type === "finish" ? [] : event.tokens;
    this.text += released;
    if (drawn.length === 0) {
      if (released === "") return [];
      if (this.#waiting === null) this.#late += released;
      else this.#waiting = { ...this.#waiting, text: this.#waiting.text + released, special: false };
      return [];
    }
    const complete: GeneratedToken[] = this.#waiting === null ? [] : [this.#waiting];
    const logprobs = event.type === "text" || event.type === "reasoning" ? (event.logprobs ?? []) : [];
    for (const [i, id] of drawn.entries()) {
      const last = i === drawn.length - 1;
      complete.push(this.#token(id, last ? this.#late + released : "", logprobs[i]));
    }
    this.#late = "";
    this.count += drawn.length;
    this.#waiting = released === "" || this.#waits(this.count) ? (complete.pop() ?? null) : null;
    return complete;
  }

  /** The token that waited, with all the text there is; null where none did and nothing is left to say. */
  end(): GeneratedToken | null {
    if (this.#waiting !== null) return this.#waiting;
    return this.#late === "" ? null : { ...CLOSING_TOKEN, text: this.#late, special: false };
  }

  #token(id: number, text: string, drawn: TokenLogprob | undefined): GeneratedToken {
    const token = {
      id,
      text,
      logprob: drawn?.logprob ?? null,
      special: text === "" && drawn?.bytes.length === 0,
      skipped: false as const,
    };
    if (this.#alternatives === null || drawn === undefined) return token;
    const alternatives = drawn.top.slice(0, this.#alternatives).map((each) => ({
      id: each.token,
      text: each.text,
      logprob: each.logprob,
    }));
    return { ...token, alternative_tokens: alternatives };
  }
}

/** Ends a stream whose last token was given before its end was known: where LoRAX shows the end-of-sequence token. */
export const CLOSING_TOKEN: GeneratedToken = { id: 0, text: "", logprob: 0, special: true, skipped: false };

export function formatFinishReason(finish: Pick<GenerationEventOf<"finish">, "reason" | "stopSequence">): LoraxFinishReason {
  if (finish.stopSequence !== null) return "stop_sequence";
  return REASONS[finish.reason];
}

/** An answer that the server cut short counts as too long. */
const REASONS = {
  stop: "eos_token",
  "tool-calls": "eos_token",
  length: "length",
  cancelled: "length",
} as const satisfies Record<FinishReason, LoraxFinishReason>;
