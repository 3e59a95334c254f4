/** A request as it is acknowledged. */
export interface BegunRequest {
  /** Unique over all gateways and for ever: the key of its one row. */
  readonly id: string;
  readonly organisationId: string;
  /** null: a local caller without a key. */
  readonly keyId: string | null;
  readonly model: string;
  readonly adapter: string | null;
  readonly startedAt: number;
}

/** What is known of a request while it runs. Counts are totals so far, not additions. */
export interface RequestProgress {
  readonly backend: string | null;
  readonly region: string | null;
  readonly promptTokens: number;
  /** Of the prompt's, those taken from a cache. */
  readonly cachedTokens: number;
  readonly completionTokens: number;
  /** Of the completion's, those of reasoning. */
  readonly reasoningTokens: number;
  readonly attempts: number;
  readonly continuations: number;
  /** Milliseconds from the start; null where it did not come to that. */
  readonly queueMs: number | null;
  readonly ttftMs: number | null;
  /** Millionths of the currency that prices are given in. */
  readonly costMicros: number;
}

/** `lost`: the gateway went away before the end; what it had noted last counts. */
export type UsageStatus = "completed" | "cancelled" | "failed" | "lost";

export interface RequestEnd extends Partial<RequestProgress> {
  readonly status: Exclude<UsageStatus, "lost">;
  /** A code of the error catalogue. */
  readonly errorCode?: string | null;
  readonly endedAt: number;
}

/** A row of the ledger. */
export interface UsageRecord extends BegunRequest, RequestProgress {
  readonly status: UsageStatus;
  readonly errorCode: string | null;
  readonly endedAt: number;
}

export const NO_PROGRESS: RequestProgress = {
  backend: null,
  region: null,
  promptTokens: 0,
  cachedTokens: 0,
  completionTokens: 0,
  reasoningTokens: 0,
  attempts: 0,
  continuations: 0,
  queueMs: null,
  ttftMs: null,
  costMicros: 0,
};
