import type { ErrorBody } from "./errors.ts";

/** Natural-log probability of the token drawn, and of the likeliest alternatives at that position. */
export interface TokenLogprob {
  readonly token: number;
  readonly text: string;
  /** UTF-8 bytes of the token; a token may hold part of a character. */
  readonly bytes: readonly number[];
  readonly logprob: number;
  readonly top: readonly {
    readonly token: number;
    readonly text: string;
    readonly bytes: readonly number[];
    readonly logprob: number;
  }[];
}

export type FinishReason = "stop" | "length" | "tool-calls" | "cancelled";

/** Durations in milliseconds. */
export interface GenerationTimings {
  readonly queueMs: number;
  readonly prefillMs: number;
  readonly decodeMs: number;
  readonly ttftMs: number;
}

/**
 * What a generation yields, in order: one `start`; per choice any number of `text`, `reasoning` and `tool-call`,
 * then one `finish`; last one `usage`. An `error` ends the stream at once.
 *
 * `tokens` are the ids sampled since the choice's last event. Text is released late where it must be (an unfinished
 * UTF-8 character, a possible stop sequence, a tool call being read), so an event may carry tokens and empty text;
 * the text released is a pure function of the tokens so far. That is what resuming relies on. Where one token releases
 * several events, its id stands on the last of them: whoever has the id has all that it released.
 */
export type GenerationEvent =
  | {
      readonly type: "start";
      readonly id: string;
      readonly model: string;
      readonly promptTokens: number;
      /** Prompt tokens taken from the prefix tree. */
      readonly cachedTokens: number;
      readonly promptTokenIds?: readonly number[];
    }
  | {
      readonly type: "text" | "reasoning";
      readonly choice: number;
      readonly tokens: readonly number[];
      readonly text: string;
      readonly logprobs?: readonly TokenLogprob[];
      /** Pieces that the text was joined from, where its upstream gives no token ids: each counts as a token. One where absent. */
      readonly pieces?: number;
    }
  | {
      readonly type: "tool-call";
      readonly choice: number;
      readonly tokens: readonly number[];
      /** Position of the call among the choice's calls. */
      readonly index: number;
      /** Present on the first event of a call. */
      readonly id?: string;
      readonly name?: string;
      /** The next piece of the call's JSON arguments. */
      readonly arguments: string;
    }
  | {
      readonly type: "finish";
      readonly choice: number;
      readonly tokens: readonly number[];
      readonly reason: FinishReason;
      readonly stopSequence: string | null;
    }
  | {
      readonly type: "usage";
      readonly promptTokens: number;
      readonly cachedTokens: number;
      readonly completionTokens: number;
      readonly reasoningTokens: number;
      readonly timings: GenerationTimings;
    }
  | { readonly type: "error"; readonly error: ErrorBody };

/**
 * An event on its way from a replica, with its position among the events of this answer, from 0. A reader takes none but
 * the next one: a line that was repeated, lost or overtaken can then not be mistaken for part of the answer.
 */
export type EventLine = readonly [position: number, event: GenerationEvent];

export type GenerationEventOf<T extends GenerationEvent["type"]> = Extract<GenerationEvent, { type: T }>;
