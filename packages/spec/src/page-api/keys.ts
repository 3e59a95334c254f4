import { z } from "zod";
import { RegionPattern } from "../residency.ts";
import { endpoint } from "./endpoint.ts";
import { Flag, Id, Instant, PageQuery, pageOf, Title } from "./shapes.ts";

const limit = z.int().min(1).max(1_000_000_000).nullable().default(null);

/** What a key may do; null: no limit of its own. */
export const NewPageKey = z.object({
  name: Title,
  models: z.array(z.string().min(1).max(256)).min(1).max(64).nullable().default(null),
  requestsPerMinute: limit,
  tokensPerMinute: limit,
  tokensPerDay: limit,
  budget: z
    .object({ micros: z.int().min(0), period: z.enum(["day", "month"]) })
    .nullable()
    .default(null),
  allowedRegions: z.array(RegionPattern).min(1).max(64).nullable().default(null),
  expiresAt: Instant.nullable().default(null),
});
export type NewPageKey = z.infer<typeof NewPageKey>;

export const PageKey = NewPageKey.extend({
  id: Id,
  prefix: z.string(),
  state: z.enum(["active", "expired", "revoked"]),
  createdAt: Instant,
  revokedAt: Instant.nullable(),
  /** null: made by the command line. */
  owner: z.object({ id: Id, name: z.string() }).nullable(),
});
export type PageKey = z.infer<typeof PageKey>;

const sums = {
  requests: z.int(),
  failures: z.int(),
  promptTokens: z.int(),
  cachedTokens: z.int(),
  completionTokens: z.int(),
  reasoningTokens: z.int(),
  /** Millionths of the installation's currency. */
  costMicros: z.int(),
};

/** Sums of one UTC day, person, key and model. */
export const UsageEntry = z.object({
  /** `2026-01-31`. */
  day: z.string(),
  /** null: a key of nobody in particular, or a caller on the server's own machine. */
  user: z.object({ id: Id, name: z.string() }).nullable(),
  /** null: on the page, or without a key. */
  key: z.object({ id: z.string(), name: z.string() }).nullable(),
  model: z.string(),
  ...sums,
});
export type UsageEntry = z.infer<typeof UsageEntry>;

const UsageQuery = z.object({
  days: z.coerce.number().pipe(z.int().min(1).max(366)).default(30),
  user: Id.optional(),
  key: z.string().max(64).optional(),
  model: z.string().max(512).optional(),
});

export const keyEndpoints = {
  listKeys: endpoint("GET /api/keys", "member", {
    query: PageQuery.extend({
      /** Of the whole organisation; for admins. */
      all: Flag.default(false),
      revoked: Flag.default(false),
    }),
    answer: pageOf(PageKey),
    about: "one's keys, newest first",
  }),
  createKey: endpoint("POST /api/keys", "member", {
    body: NewPageKey,
    answer: z.object({ key: z.string().describe("shown this once"), record: PageKey }),
    about: "a key of one's own, charged to one and bound by the organisation's rules",
  }),
  revokeKey: endpoint("DELETE /api/keys/{id}", "member", {
    about: "revokes one of one's keys; an admin, any of the organisation's",
  }),
  usage: endpoint("GET /api/usage", "member", {
    query: UsageQuery,
    answer: z.object({ from: z.string(), to: z.string(), entries: z.array(UsageEntry), total: z.object(sums) }),
    about: "one's use by day, key and model; an admin sees the organisation's",
  }),
  usageCsv: endpoint("GET /api/usage.csv", "member", { query: UsageQuery, about: "the same as CSV" }),
};
