import { bigint, index, integer, jsonb, pgSchema, text, uniqueIndex } from "drizzle-orm/pg-core";

/** A schema of our own: a database shared with others keeps its `public` to itself. */
const arriero = pgSchema("arriero");

/** Milliseconds since the epoch, tokens or micro-units of money: all well within 2^53. */
const amount = (name: string) => bigint(name, { mode: "number" });

/** A null scope is no limit. */
export const apiKeys = arriero.table(
  "api_keys",
  {
    id: text("id").primaryKey(),
    organisationId: text("organisation_id").notNull(),
    personId: text("person_id"),
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

/** The ledger: one row for each request, never changed. `seq` is the order of writing. */
export const usage = arriero.table(
  "usage",
  {
    seq: amount("seq").primaryKey().generatedAlwaysAsIdentity(),
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
    status: text("status").$type<"completed" | "cancelled" | "failed" | "lost">().notNull(),
    errorCode: text("error_code"),
    endedAt: amount("ended_at").notNull(),
  },
  (table) => [uniqueIndex("usage_id").on(table.id), index("usage_key").on(table.keyId, table.endedAt)],
);
