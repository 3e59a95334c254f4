import { z } from "zod";

const port = z.int().min(0).max(65_535);

/** A key by reference: the file with it stays out of the configuration. */
export const KeyReference = z.union([
  z.strictObject({ env: z.string().min(1).describe("Environment variable that holds the key") }),
  z.strictObject({ file: z.string().min(1).describe("File with one key a line; `#` begins a comment") }),
]);
export type KeyReference = z.infer<typeof KeyReference>;

export const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"] as const;

/**
 * `arriero.yaml`. Every key has a default, so that the empty file is valid; an unknown key is an error.
 * The descriptions here are the table of docs/configuration.md.
 */
export const ConfigSchema = z.strictObject({
  host: z.string().min(1).default("127.0.0.1").describe("Address to listen on. Any but loopback requires a key"),
  port: port.default(8080).describe("Port to listen on; 0 lets the system choose"),
  model: z.string().min(1).max(256).default("arriero-demo").describe("Model that is loaded at start"),
  replicas: z.int().min(1).max(64).default(1).describe("Engine processes for each loaded model"),
  maxLoaded: z.int().min(1).max(64).default(3).describe("Models loaded at once; the least recently used idle one leaves first"),
  requireKey: z.boolean().default(false).describe("Ask for a key on loopback too"),
  keys: z.array(KeyReference).max(64).default([]).describe("Keys accepted besides those of HOME/keys, by reference"),
  logLevel: z.enum(LOG_LEVELS).default("info").describe("Least level written to HOME/logs"),
  engine: z
    .strictObject({
      contextTokens: z
        .int()
        .min(0)
        .max(16_777_216)
        .default(0)
        .describe("KV cells shared by all sequences; 0: from model and memory"),
      maxRunning: z.int().min(1).max(256).default(32).describe("Sequences decoded in one step"),
      queueLimit: z.int().min(0).max(65_536).default(256).describe("Requests that may wait; more get `queue_full`"),
      stepTokens: z
        .int()
        .min(16)
        .max(65_536)
        .default(512)
        .describe("Prompt tokens processed in one step, so that streams never stall"),
      threads: z.int().min(0).max(1024).default(0).describe("CPU threads; 0: chosen from the cores"),
      gpuLayers: z.int().min(0).max(10_000).default(999).describe("Layers on the GPU where a GPU build is installed"),
    })
    .prefault({}),
  limits: z
    .strictObject({
      bodyBytes: z
        .int()
        .min(1024)
        .max(1_073_741_824)
        .default(16_777_216)
        .describe("Largest request body in bytes; above it `body_too_large`"),
    })
    .prefault({}),
});

export type Config = z.infer<typeof ConfigSchema>;
export type EngineSettings = Config["engine"];
