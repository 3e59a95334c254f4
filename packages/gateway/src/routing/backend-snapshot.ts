import type { BackendDescription } from "@arriero/spec";
import type { BreakerAdmission } from "../health/circuit-breaker.ts";

/** A backend at the moment of choosing, as one request sees it. Tokens are counts, times milliseconds. */
export interface BackendSnapshot {
  readonly backend: BackendDescription;
  readonly ready: boolean;
  /** It takes no new work and will go. */
  readonly draining: boolean;
  readonly breaker: BreakerAdmission;
  /** Taken out as an outlier. */
  readonly ejected: boolean;
  /** Sent there and not ended: prompt tokens still to compute and tokens still to come, and requests. */
  readonly outstanding: { readonly tokens: number; readonly requests: number };
  /** What it was sent in the last 60 seconds. */
  readonly lastMinute: { readonly tokens: number; readonly requests: number };
  /** Peak EWMA of the time to the first token; null: never seen. */
  readonly firstTokenMs: number | null;
  /** Silence that counts as a stall there. */
  readonly stallMs: number;
  /** Since it became ready: a young one gets less. */
  readonly readyForMs: number;
  /** Tokens of this request's prompt that it holds already. */
  readonly prefixTokens: number;
  readonly adapters: readonly string[];
}

/** A backend of which nothing is known but its description: ready and idle. */
export function idleSnapshot(backend: BackendDescription): BackendSnapshot {
  return {
    backend,
    ready: true,
    draining: false,
    breaker: "freely",
    ejected: false,
    outstanding: { tokens: 0, requests: 0 },
    lastMinute: { tokens: 0, requests: 0 },
    firstTokenMs: null,
    stallMs: Number.POSITIVE_INFINITY,
    readyForMs: Number.POSITIVE_INFINITY,
    prefixTokens: 0,
    adapters: [],
  };
}
