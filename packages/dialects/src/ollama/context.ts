/** What a request needs that is not in its body: passed in, so that parsing stays a pure function. */
export interface ParseContext {
  /** Request id, at most 100 characters. */
  readonly id: string;
  /** Fairness key: the account, key or address the request is charged to. */
  readonly client: string;
}

/** What the answer repeats of the request; the same for chat and generate. */
export interface Presentation {
  /** The model as the caller wrote it. */
  readonly model: string;
  /** Ollama streams unless told not to. */
  readonly stream: boolean;
  readonly logprobs: boolean;
}

/** When a request came and what time it is now, in milliseconds since the epoch: answers tell durations. */
export interface AnswerClock {
  readonly startedAt: number;
  now(): number;
}
