import { z } from "zod";
import { Boundary, Capability, Hardware, PricePerMillion, Purchase } from "../backend.ts";
import { endpoint } from "./endpoint.ts";
import { Instant } from "./shapes.ts";

/** One place that a model's answers come from. */
export const PageBackend = z.object({
  id: z.string(),
  /** Replicas of this server, or somebody else's. */
  own: z.boolean(),
  regions: z.array(z.string()),
  boundary: Boundary,
  hardware: Hardware.nullable(),
  purchase: Purchase,
  price: PricePerMillion.nullable(),
  capabilities: z.array(Capability),
});
export type PageBackend = z.infer<typeof PageBackend>;

/** A model as the picker shows it. What is not known is null. */
export const PageModel = z.object({
  name: z.string(),
  adapters: z.array(z.string()),
  /** Of requests that name none. */
  isDefault: z.boolean(),
  state: z.enum(["loaded", "loading", "stored", "remote"]),
  architecture: z.string().nullable(),
  parameters: z.number().nullable(),
  quantization: z.string().nullable(),
  sizeBytes: z.number().nullable(),
  contextLength: z.int().nullable(),
  abilities: z.array(z.string()),
  license: z.string().nullable(),
  /** The model's own system message; a conversation's comes in its place. */
  system: z.string().nullable(),
  /** Money for a million tokens, in the installation's currency. */
  price: PricePerMillion.nullable(),
  backends: z.array(PageBackend),
  /** Where it may be used under one's organisation's rules; false: not at all, and `refusal` says why. */
  allowed: z.boolean(),
  refusal: z.string().nullable(),
});
export type PageModel = z.infer<typeof PageModel>;

/** One replica at one moment. Counters are since its start. */
export const PageReplica = z.object({
  id: z.string(),
  model: z.string(),
  state: z.enum(["starting", "loading", "ready", "draining", "stopped", "failed"]),
  pid: z.int().nullable(),
  startedAt: Instant,
  restarts: z.int(),
  error: z.string().nullable(),
  requestsRunning: z.int().nullable(),
  requestsWaiting: z.int().nullable(),
  kvCells: z.object({ used: z.int(), cached: z.int(), total: z.int() }).nullable(),
  prefixHitRatio: z.number().nullable(),
  tokens: z.object({ prompt: z.int(), cached: z.int(), generated: z.int() }).nullable(),
  rssBytes: z.int().nullable(),
});
export type PageReplica = z.infer<typeof PageReplica>;

export const Health = z.object({
  version: z.string(),
  startedAt: Instant,
  node: z.string(),
  store: z.object({ state: z.enum(["open", "opening", "away"]), kind: z.enum(["embedded", "postgres"]), message: z.string() }),
  replicas: z.object({ ready: z.int(), total: z.int() }),
  generations: z.object({ running: z.int(), interruptedLastDay: z.int() }),
  rssBytes: z.int(),
  residency: z.object({ ownRegions: z.array(z.string()), allowedRegions: z.array(z.string()).nullable() }),
});
export type Health = z.infer<typeof Health>;

/** Why each backend of a model may be used, or not: the router's own words. */
export const ResidencyExplanation = z.object({
  model: z.string(),
  backends: z.array(z.object({ id: z.string(), allowed: z.boolean(), why: z.string() })),
});
export type ResidencyExplanation = z.infer<typeof ResidencyExplanation>;

/** SSE of a pull, each as `data:` with the event's name. */
export const PullEvent = z.discriminatedUnion("event", [
  z.object({ event: z.literal("progress"), status: z.string(), total: z.number().nullable(), completed: z.number().nullable() }),
  z.object({ event: z.literal("done") }),
  z.object({ event: z.literal("error"), code: z.string(), message: z.string() }),
]);
export type PullEvent = z.infer<typeof PullEvent>;

const Named = z.object({ model: z.string().min(1).max(256) });

export const modelEndpoints = {
  listModels: endpoint("GET /api/models", "member", {
    answer: z.object({ entries: z.array(PageModel) }),
    about: "the models one may use, and what each is",
  }),
  explainResidency: endpoint("GET /api/models/residency", "member", {
    query: Named,
    answer: ResidencyExplanation,
    about: "where a model's requests go under one's organisation's rules, and why",
  }),
  listReplicas: endpoint("GET /api/admin/replicas", "keeper", {
    answer: z.object({ at: Instant, entries: z.array(PageReplica) }),
    about: "the replicas of this server",
  }),
  watchReplicas: endpoint("GET /api/admin/replicas/events", "keeper", {
    about: "the same every second, as SSE `replicas`",
  }),
  pullModel: endpoint("POST /api/admin/models/pull", "keeper", {
    body: Named,
    about: "gets a model; SSE of `PullEvent` until it is done. Leaving does not stop it for others",
  }),
  loadModel: endpoint("POST /api/admin/models/load", "keeper", { body: Named, about: "begins to load a model" }),
  unloadModel: endpoint("POST /api/admin/models/unload", "keeper", { body: Named, about: "takes a model out of memory" }),
  deleteModel: endpoint("POST /api/admin/models/delete", "keeper", { body: Named, about: "removes a stored model" }),
  health: endpoint("GET /api/admin/health", "keeper", { answer: Health, about: "how the server is" }),
};
