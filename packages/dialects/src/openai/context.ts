/** What a request needs that is not in its body: passed in, so that parsing stays a pure function. */
export interface ParseContext {
  /** Request id, at most 100 characters; response ids are made from it. */
  readonly id: string;
  /** Fairness key: the account, key or address the request is charged to. */
  readonly client: string;
  /** Unix time of the request in seconds. */
  readonly created: number;
  /** Reported as `system_fingerprint`. */
  readonly fingerprint: string;
}

/** What the answer repeats of the request; the same for every dialect route that generates. */
export interface Presentation {
  readonly id: string;
  readonly created: number;
  /** The model as the caller wrote it. */
  readonly model: string;
  readonly fingerprint: string;
  readonly stream: boolean;
  /** One more chunk with `usage` before `[DONE]`. */
  readonly includeUsage: boolean;
}
