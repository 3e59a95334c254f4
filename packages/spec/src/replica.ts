import type { ModelDescription } from "./model.ts";

export type ReplicaState = "starting" | "loading" | "ready" | "draining" | "stopped" | "failed";

/** One replica at one moment. Counters are since its start. */
export interface ReplicaStatus {
  readonly id: string;
  readonly state: ReplicaState;
  readonly model: ModelDescription | null;
  readonly pid: number;
  readonly version: string;
  /** Milliseconds since the process started. */
  readonly uptimeMs: number;
  readonly requestsRunning: number;
  readonly requestsWaiting: number;
  readonly kvCells: { readonly used: number; readonly cached: number; readonly total: number };
  readonly prefixHitRatio: number;
  readonly tokens: { readonly prompt: number; readonly cached: number; readonly generated: number };
  /** Resident set size in bytes. */
  readonly rssBytes: number;
}

/** The bound address a replica prints on its ready line, and how to speak to it. */
export interface ReplicaAddress {
  readonly url: string;
  /** Bearer token the replica asks for on every /v1 route. */
  readonly token: string;
}
