import { bigint, index, integer, jsonb, pgSchema, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";

/** A schema of our own: a database shared with others keeps its `public` to itself. */
const arriero = pgSchema("arriero");

/** Milliseconds since the epoch, tokens or micro-units of money: all well within 2^53. */
const amount = (name: string) => bigint(name, { mode: "number" });

export const organisations = arriero.table("organisations", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  createdAt: amount("created_at").notNull(),
});

/** A null scope is no limit. */
export const apiKeys = arriero.table(
  "api_keys",
  {
    id: text("id").primaryKey(),
    organisationId: text("organisation_id").notNull(),
    /** SHA-256 of the key, in hex. The key itself is kept nowhere. */
    digest: text("digest").notNull(),
    prefix: text("prefix").notNull(),
    name: text("name").notNull(),
    models: jsonb("models").$type<readonly string[]>(),
    requestsPerMinute: integer("requests_per_minute"),
    tokensPerMinute: integer("tokens_per_minute"),
    tokensPerDay: amount("tokens_per_day"),
    budgetMicros: amount("budget_micros"),
    budgetPeriod: text("budget_period").$type<"day" | "month">(),
    allowedRegions: jsonb("allowed_regions").$type<readonly string[]>(),
    dataClass: text("data_class"),
    createdAt: amount("created_at").notNull(),
    expiresAt: amount("expires_at"),
    revokedAt: amount("revoked_at"),
  },
  (table) => [uniqueIndex("api_keys_digest").on(table.digest)],
);

/** Gateways that have acknowledged requests. One whose heartbeat stood still is taken for dead. */
export const instances = arriero.table("instances", {
  id: text("id").primaryKey(),
  heartbeatAt: amount("heartbeat_at").notNull(),
});

const request = () => ({
  id: text("id").notNull(),
  organisationId: text("organisation_id").notNull(),
  keyId: text("key_id"),
  model: text("model").notNull(),
  adapter: text("adapter"),
  backend: text("backend"),
  region: text("region"),
  promptTokens: amount("prompt_tokens").notNull(),
  cachedTokens: amount("cached_tokens").notNull(),
  completionTokens: amount("completion_tokens").notNull(),
  reasoningTokens: amount("reasoning_tokens").notNull(),
  attempts: integer("attempts").notNull(),
  continuations: integer("continuations").notNull(),
  queueMs: integer("queue_ms"),
  ttftMs: integer("ttft_ms"),
  costMicros: amount("cost_micros").notNull(),
  startedAt: amount("started_at").notNull(),
});

/** The journal: requests acknowledged and not ended, with what was last known of them. */
export const openRequests = arriero.table(
  "open_requests",
  { ...request(), instanceId: text("instance_id").notNull(), updatedAt: amount("updated_at").notNull() },
  (table) => [primaryKey({ columns: [table.id] }), index("open_requests_instance").on(table.instanceId)],
);

/** The ledger: one row for each request, never changed. `seq` is the order of writing. */
export const usage = arriero.table(
  "usage",
  {
    seq: amount("seq").primaryKey().generatedAlwaysAsIdentity(),
    ...request(),
    status: text("status").$type<"completed" | "cancelled" | "failed" | "lost">().notNull(),
    errorCode: text("error_code"),
    endedAt: amount("ended_at").notNull(),
  },
  (table) => [uniqueIndex("usage_id").on(table.id), index("usage_key").on(table.keyId, table.endedAt)],
);

/** Sums by hour. A primary key holds no null: no key and no backend are "" here. */
export const usageHourly = arriero.table(
  "usage_hourly",
  {
    hour: amount("hour").notNull(),
    organisationId: text("organisation_id").notNull(),
    keyId: text("key_id").notNull(),
    model: text("model").notNull(),
    backend: text("backend").notNull(),
    requests: amount("requests").notNull(),
    failures: amount("failures").notNull(),
    promptTokens: amount("prompt_tokens").notNull(),
    cachedTokens: amount("cached_tokens").notNull(),
    completionTokens: amount("completion_tokens").notNull(),
    reasoningTokens: amount("reasoning_tokens").notNull(),
    costMicros: amount("cost_micros").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organisationId, table.keyId, table.hour, table.model, table.backend] }),
    index("usage_hourly_key").on(table.keyId, table.hour),
  ],
);

/** How far the sums have come: every row of `usage` up to `seq` is in them. One row. */
export const rollUp = arriero.table("roll_up", { seq: amount("seq").notNull() });
