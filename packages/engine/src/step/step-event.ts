import type { ErrorBody } from "@arriero/spec";
import type { Scored } from "../sampling/log-probabilities.ts";

/** What one step did for one sequence. Plain data, crosses threads. */
export type StepEvent =
  | { readonly kind: "start"; readonly key: number; readonly cachedTokens: number }
  | {
      readonly kind: "token";
      readonly key: number;
      readonly token: number;
      /** Natural log; present where the job asked. */
      readonly logprob?: number;
      readonly top?: readonly Scored[];
    }
  | { readonly kind: "end"; readonly key: number; readonly reason: "stop" | "length" }
  | { readonly kind: "failed"; readonly key: number; readonly error: ErrorBody };

/** Counters of the loop since its start, and its state now. */
export interface StepStats {
  readonly running: number;
  readonly waiting: number;
  readonly cells: { readonly used: number; readonly cached: number; readonly total: number; readonly parked: number };
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly generatedTokens: number;
  readonly preemptions: number;
  readonly steps: number;
}
