import { DataClass, OrganisationName, RegionName, ResidencyPolicy } from "@arriero/spec";
import { z } from "zod";
import { ModelEntries } from "./models-schema.ts";
import { OrganizationConfig } from "./organizations-schema.ts";
import { MailConfig, PageUrl, SignInConfig } from "./people-schema.ts";

const port = z.int().min(0).max(65_535);
const bytes = z.int().min(1024).max(1_073_741_824);
const disk = z.int().min(1024).max(1_099_511_627_776);
/** Milliseconds, up to a day. */
const ms = z.int().min(1).max(86_400_000);
const count = z.int().min(1).max(1_000_000);

/** A key by reference: the file with it stays out of the configuration. */
export const KeyReference = z.union([
  z.strictObject({ env: z.string().min(1).describe("Environment variable that holds the key") }),
  z.strictObject({ file: z.string().min(1).describe("File with one key a line; `#` begins a comment") }),
]);
export type KeyReference = z.infer<typeof KeyReference>;

const price = z.number().min(0).max(1_000_000);

/** What a million tokens cost, in whatever currency budgets are given in. */
const ModelPrice = z.strictObject({
  model: z.string().min(1).max(256).describe("Model, or MODEL+ADAPTER; `*` stands for any characters"),
  prompt: price.describe("A million prompt tokens"),
  cached: price.optional().describe("A million of those found in a cache; as the others where left out"),
  completion: price.describe("A million completion tokens"),
});

/** Who may make this server ask a hub or registry for a model. */
export const PUBLISHERS_FOR = ["any", "pull", "none"] as const;
export type PublishersFor = (typeof PUBLISHERS_FOR)[number];

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
  prices: z
    .array(ModelPrice)
    .max(1000)
    .default([])
    .describe("What tokens cost, for usage and budgets; the first that names a model counts"),
  organizations: z
    .record(OrganisationName, OrganizationConfig)
    .default({})
    .describe("Budgets of organisations in money or tokens, by name: see [accounts.md](accounts.md#budgets)"),
  pageUrl: PageUrl,
  trustedProxies: z
    .int()
    .min(0)
    .max(8)
    .default(0)
    .describe("Proxies in front of this server, each of which appends to `X-Forwarded-For` whom it sees: for counting sign-ins"),
  logLevel: z.enum(LOG_LEVELS).default("info").describe("Least level written to HOME/logs"),
  logs: z
    .strictObject({
      prompts: z
        .boolean()
        .default(false)
        .describe("Write words of prompts and answers to the log, but none that a data class guards or that may not rest here"),
      dataClasses: z
        .array(DataClass)
        .max(3)
        .default([])
        .describe("Data classes whose words are written too, with `logs.prompts`"),
    })
    .prefault({}),
  engine: z
    .strictObject({
      contextTokens: z
        .int()
        .min(0)
        .max(16_777_216)
        .default(0)
        .describe("KV cells shared by all sequences; 0: from the model and free memory"),
      maxRunning: z.int().min(1).max(192).default(32).describe("Sequences decoded in one step"),
      queueLimit: z.int().min(1).max(65_536).default(256).describe("Requests that may wait; more get `queue_full`"),
      stepTokens: z.int().min(32).max(8192).default(256).describe("Tokens of one step at most"),
      stepMs: z
        .number()
        .min(1)
        .max(60_000)
        .default(500)
        .describe("Milliseconds of prefill in one step beside running streams; after a burst up to four times as much"),
      threads: z.int().min(0).max(512).default(0).describe("Compute threads; 0: one per physical core"),
      gpuLayers: z.int().min(-1).max(1024).default(-1).describe("Layers on the GPU where a GPU build is installed; -1: all"),
      runner: z
        .enum(["auto", "libllama"])
        .default("auto")
        .describe("Who computes: `auto` is our own graph where it can (llama, qwen2 and qwen3 on the CPU), else libllama"),
      parkedBytes: z
        .int()
        .min(0)
        .max(1_099_511_627_776)
        .default(1_073_741_824)
        .describe("Bytes of memory for prefixes that nobody uses at the moment, outside of the KV cells"),
      snapshotBytes: z
        .int()
        .min(0)
        .max(1_099_511_627_776)
        .default(2_147_483_648)
        .describe("Bytes of prefixes kept on disk over a restart"),
    })
    .prefault({}),
  limits: z
    .strictObject({
      bodyBytes: bytes.default(33_554_432).describe("Largest request body in bytes; above it `body_too_large`"),
      headersMs: ms.default(10_000).describe("From a connection's first byte to its last header"),
      requestMs: ms.default(30_000).describe("From the last header to the body's last byte"),
      keepAliveMs: ms.default(15_000).describe("An idle connection is kept this long"),
      connections: count.default(4096).describe("Connections at once; further ones are dropped"),
      requests: count.default(1024).describe("Inference requests at once; further ones get `queue_full`"),
      loadMs: ms.default(120_000).describe("A model may take this long to become ready, for one request"),
      firstEventMs: ms
        .default(300_000)
        .describe("From sending a request to a replica to its first token, queue and prompt included"),
      idleMs: ms.default(60_000).describe("A stream silent for longer is continued on another replica"),
      slowReaderMs: ms.default(30_000).describe("A caller who reads nothing for this long is cut"),
      continueMs: ms
        .default(30_000)
        .describe("From a break of a stream to its continuation's first token, all attempts together"),
      continueAttempts: z.int().min(0).max(64).default(3).describe("Breaks in a row without a new token in between"),
      continueBreaks: z.int().min(0).max(4096).default(64).describe("Breaks of one request altogether"),
      hedgeMs: z
        .int()
        .min(0)
        .max(600_000)
        .default(0)
        .describe("A request without a first token for so long is sent to a second replica or backend too; 0: never"),
      hedgePercent: z.int().min(1).max(100).default(5).describe("Requests of a hundred that may be sent twice so, over time"),
      storeMs: ms
        .default(10_000)
        .describe("The store of keys and usage may take this long to answer one request; then `store_unavailable`"),
      drainMs: ms.default(30_000).describe("On shutdown, running requests may take this long to finish"),
    })
    .prefault({}),
  cache: z
    .strictObject({
      bytes: z.int().min(0).max(1_099_511_627_776).default(67_108_864).describe("Memory for answers that are kept; 0: none is"),
      seconds: z.int().min(1).max(31_536_000).default(3_600).describe("A kept answer is given again for this long"),
      models: z
        .array(z.string().min(1).max(256))
        .max(256)
        .default([])
        .describe("Models whose answers are kept unasked; `*` stands for any characters"),
    })
    .prefault({}),
  library: z
    .strictObject({
      publishers: z
        .enum(PUBLISHERS_FOR)
        .default("any")
        .describe(
          "What asks a hub or registry for a model that is not here: `any` (a pull, and a model made `from` one), `pull` (a pull alone) or `none`",
        ),
    })
    .prefault({}),
  mail: MailConfig.prefault({}),
  signIn: SignInConfig.prefault({}),
  files: z
    .strictObject({
      fileBytes: disk.default(209_715_200).describe("Largest uploaded file in bytes"),
      totalBytes: disk.default(4_294_967_296).describe("All uploaded files together in bytes; above it `disk_full`"),
      count: count.default(10_000).describe("Files kept at most"),
    })
    .prefault({}),
  batches: z
    .strictObject({
      concurrency: z.int().min(1).max(256).default(4).describe("Lines of batches that run at the same time"),
      lines: count.default(50_000).describe("Requests of one batch at most"),
      unfinished: count.default(100).describe("Batches that have not ended, of all keys; further ones get `queue_full`"),
    })
    .prefault({}),
  models: ModelEntries.default({}).describe("Models served by named backends, by name: see [routing.md](routing.md)"),
  residency: z
    .strictObject({
      ...ResidencyPolicy.shape,
      organizations: z
        .record(OrganisationName, ResidencyPolicy)
        .default({})
        .describe("Policies of organisations, by name; keys belong to one by `arriero key create --organization`"),
      ownRegions: z.array(RegionName).max(64).default([]).describe("Regions this server and its own replicas stand in"),
    })
    .prefault({}),
});

export type Config = z.infer<typeof ConfigSchema>;
export type EngineSettings = Config["engine"];
