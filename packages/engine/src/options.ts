import { z } from "zod";

/** Everything one replica is told at its start. Each bound here is what keeps a queue, cache or step finite. */
export const EngineOptions = z.object({
  /** Replica id, e.g. `arriero-demo-0`. */
  id: z.string().min(1).max(128).default("replica-0"),
  model: z.object({
    name: z.string().min(1).max(256),
    path: z.string().min(1),
    adapters: z.record(z.string(), z.string()).default({}),
    /** Overrides the GGUF's chat template (Jinja). */
    template: z.string().optional(),
  }),
  host: z.string().default("127.0.0.1"),
  /** 0: chosen by the system. */
  port: z.int().min(0).max(65_535).default(0),
  /** Bearer token for /v1 routes. */
  token: z.string().min(16),
  /** KV cells shared by all sequences; 0: chosen from the model and the free memory. */
  contextTokens: z.int().min(0).max(16_777_216).default(0),
  /** Sequences decoded in one step at most. */
  maxRunning: z.int().min(1).max(192).default(32),
  /** Requests waiting at most; beyond it callers get 429. */
  queueLimit: z.int().min(1).max(65_536).default(256),
  /** Tokens of one step at most. */
  stepTokens: z.int().min(32).max(8192).default(256),
  /** Time for prefill in one step beside running streams, in milliseconds; after a burst up to four times as much. */
  stepMs: z.number().min(1).max(60_000).default(500),
  /** Compute threads; 0: one for a small model, else one per core. */
  threads: z.int().min(0).max(512).default(0),
  /** Layers on the GPU; -1: all, where a GPU build is installed. */
  gpuLayers: z.int().min(-1).max(1024).default(-1),
  /** `auto`: a graph of our own where it can compute the model. */
  runner: z.enum(["auto", "libllama"]).default("auto"),
  /** Where the prefix tree is written at drain and read at start; null: nowhere. */
  snapshotDir: z.string().nullable().default(null),
  /** Bytes a snapshot may take. */
  snapshotBytes: z
    .int()
    .min(0)
    .default(2 * 1024 ** 3),
  /** Memory for prefixes that nobody uses at the moment, outside of the KV cells. */
  parkedBytes: z
    .int()
    .min(0)
    .default(1024 ** 3),
  /** How long running requests may take to finish at drain, in milliseconds. */
  drainMs: z.int().min(0).max(3_600_000).default(30_000),
  /** Longest step: native code that has not come back after this many milliseconds never will, and the process ends. */
  stallMs: z.int().min(100).max(3_600_000).default(300_000),
  /** Exit once this process is gone; null: stay. */
  parentPid: z.int().nullable().default(null),
  /** Request body bytes at most. */
  bodyBytes: z
    .int()
    .min(1024)
    .default(32 * 1024 ** 2),
  logLevel: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
});
export type EngineOptions = z.infer<typeof EngineOptions>;
export type EngineOptionsInput = z.input<typeof EngineOptions>;
