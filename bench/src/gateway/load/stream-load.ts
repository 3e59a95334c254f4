import type { LoadTarget } from "./load-target.ts";

export interface StreamLoadPlan {
  readonly target: LoadTarget;
  /** At once. */
  readonly streams: number;
  /** Of each stream. */
  readonly tokens: number;
  readonly intervalMs: number;
  /** Streams that end are opened anew until so many seconds have passed; 0: each is opened once. */
  readonly repeatSeconds: number;
}

export interface StreamLoadResult {
  /** Waits of more than STALL_MS for a token. */
  readonly stalls: number;
  /** Streams that were refused, cut, or not whole in time. */
  readonly broken: number;
  readonly finished: number;
  /** Relayed, while all streams ran. */
  readonly tokensPerSecond: number;
  readonly longestWaitMs: number;
  readonly generatorShare: number;
}
