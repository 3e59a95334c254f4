import type { ErrorBody } from "@arriero/spec";
import type { RunnerKind } from "../runner/open-runner.ts";
import type { SequenceJob } from "../step/sequence.ts";
import type { StepEvent, StepStats } from "../step/step-event.ts";

/** What the worker thread is started with. */
export interface WorkerOptions {
  readonly modelPath: string;
  readonly adapters: Readonly<Record<string, string>>;
  readonly cells: number;
  readonly batchTokens: number;
  readonly threads: number;
  readonly gpuLayers: number;
  readonly runner: RunnerKind;
  readonly maxRunning: number;
  readonly queueLimit: number;
  readonly stepMs: number;
  readonly parkedBytes: number;
  readonly snapshot: { readonly folder: string; readonly bytes: number; readonly fingerprint: string } | null;
  /** Shared counter: the main thread adds one and notifies after each message, which wakes a sleeping worker. */
  readonly doorbell: Int32Array;
}

/** What a prompt is turned into: one vector per input, or one score. */
export interface PoolingJob {
  readonly id: number;
  readonly kind: "embed" | "rank";
  readonly inputs: readonly Int32Array[];
}

/** A prompt whose place in the cache is asked for. */
export interface PromptQuestion {
  readonly adapter: string;
  readonly tokens: Int32Array;
}

export type WorkerCommand =
  | { readonly kind: "submit"; readonly jobs: readonly SequenceJob[] }
  | { readonly kind: "cancel"; readonly keys: readonly number[] }
  | { readonly kind: "pool"; readonly job: PoolingJob }
  /** How many tokens of each prompt are held? */
  | { readonly kind: "held"; readonly id: number; readonly prompts: readonly PromptQuestion[] }
  /** Write the snapshot, free the native objects and exit. */
  | { readonly kind: "close" };

export type WorkerReport =
  | {
      readonly kind: "loaded";
      readonly cells: number;
      readonly restored: number;
      readonly loadMs: number;
      /** Which runner, and why not the other one. */
      readonly runner: string;
    }
  | { readonly kind: "failed"; readonly error: ErrorBody }
  | { readonly kind: "step"; readonly events: readonly StepEvent[]; readonly stats: StepStats; readonly stepMs: number }
  | { readonly kind: "pooled"; readonly id: number; readonly result: readonly Float32Array[] | ErrorBody }
  | { readonly kind: "held"; readonly id: number; readonly held: readonly number[] }
  | { readonly kind: "closed"; readonly saved: number };
