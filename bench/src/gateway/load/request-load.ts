import type { LoadTarget } from "./load-target.ts";

/** `rate` null: each connection asks again as soon as it is answered; else so many requests a second altogether. */
export interface RequestLoadPlan {
  readonly target: LoadTarget;
  readonly connections: number;
  readonly seconds: number;
  readonly rate: number | null;
}

export interface RequestLoadResult {
  /** Answers with status 200 a second. */
  readonly perSecond: number;
  /** Milliseconds from the request's last byte to the answer's. */
  readonly p50: number;
  readonly p99: number;
  /** Answers of another status, and connections that broke. */
  readonly failures: number;
  /** CPU seconds that the generator used for each second: near 1 it is the bottleneck itself. */
  readonly generatorShare: number;
}
