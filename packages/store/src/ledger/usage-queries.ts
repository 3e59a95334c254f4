import { ArrieroError } from "@arriero/spec";
import { sql } from "drizzle-orm";
import type { Database } from "../database/database.ts";
import type { KeyBudget } from "../keys/api-key.ts";

const DAY_MS = 86_400_000;

export interface UsageSums {
  readonly requests: number;
  /** Of the requests, those that ended as `failed` or `lost`. */
  readonly failures: number;
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
  readonly reasoningTokens: number;
  readonly costMicros: number;
}

export interface DailyUsage extends UsageSums {
  /** First millisecond of the UTC day. */
  readonly day: number;
  readonly organisationId: string;
  readonly keyId: string | null;
  readonly model: string;
}

export interface UsageFilter {
  /** Milliseconds since the epoch; whole hours, the rest is cut off. */
  readonly from: number;
  /** Not included. */
  readonly to: number;
  readonly organisationId?: string;
  readonly keyId?: string;
}

export interface Spent {
  /** Of prompts and completions together. */
  readonly tokens: number;
  readonly micros: number;
}

/** What limits and budgets are held against, of this UTC day and month. Requests that still run are not in it. */
export interface Spending {
  readonly day: Spent;
  /** The day's alone, where no more was asked for. */
  readonly month: Spent;
}

export const MOST_DAYS = 10_000;

/** First millisecond of the period's calendar day or month, UTC. */
export function periodStart(period: KeyBudget["period"], now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), period === "day" ? date.getUTCDate() : 1);
}

/**
 * The sums, and the rows that are not in them yet: both in one statement, so that a row that moves from one to the
 * other meanwhile is counted once. Exact at any moment.
 */
const BOTH = sql.raw(`(
  select hour, organisation_id, key_id, model, requests, failures,
    prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens, cost_micros
  from arriero.usage_hourly
  union all
  select ended_at / 3600000 * 3600000, organisation_id, coalesce(key_id, ''), model, 1, case when status in ('failed', 'lost') then 1 else 0 end,
    prompt_tokens, cached_tokens, completion_tokens, reasoning_tokens, cost_micros
  from arriero.usage where seq > (select seq from arriero.roll_up)
) as u`);

/**
 * Sums by day, key and model, oldest day first. Throws invalid_request where that is more than MOST_DAYS rows: a part would
 * pass for the whole.
 */
export async function usageByDay(database: Database, filter: UsageFilter): Promise<readonly DailyUsage[]> {
  const { rows } = await database.execute<Record<string, string>>(sql`
    select hour / ${DAY_MS}::bigint * ${DAY_MS}::bigint as day, organisation_id, key_id, model, sum(requests) as requests, sum(failures) as failures,
      sum(prompt_tokens) as prompt, sum(cached_tokens) as cached, sum(completion_tokens) as completion,
      sum(reasoning_tokens) as reasoning, sum(cost_micros) as cost
    from ${BOTH}
    where hour >= ${filter.from}::bigint / 3600000 * 3600000 and hour < ${filter.to}
      ${filter.organisationId === undefined ? sql`` : sql`and organisation_id = ${filter.organisationId}`}
      ${filter.keyId === undefined ? sql`` : sql`and key_id = ${filter.keyId}`}
    group by 1, 2, 3, 4 order by 1, 2, 3, 4 limit ${MOST_DAYS + 1}`);
  if (rows.length > MOST_DAYS) throw tooMany();
  return rows.map((row) => ({
    day: Number(row["day"]),
    organisationId: row["organisation_id"]!,
    keyId: row["key_id"] || null,
    model: row["model"]!,
    requests: Number(row["requests"]),
    failures: Number(row["failures"]),
    promptTokens: Number(row["prompt"]),
    cachedTokens: Number(row["cached"]),
    completionTokens: Number(row["completion"]),
    reasoningTokens: Number(row["reasoning"]),
    costMicros: Number(row["cost"]),
  }));
}

function tooMany(): ArrieroError {
  return new ArrieroError("invalid_request", `The usage asked for is more than ${MOST_DAYS} rows.`, {
    hint: "Ask for fewer days, or for one key.",
  });
}

/** Whose spending is asked for. */
export type Spender = { readonly keyId: string } | { readonly organisationId: string };

/** What they have used in the day that `now` lies in, and where `longest` is a month in that too. */
export async function spendOf(database: Database, whose: Spender, longest: KeyBudget["period"], now: number): Promise<Spending> {
  const today = periodStart("day", now);
  const { rows } = await database.execute<Record<string, string>>(sql`
    select coalesce(sum(prompt_tokens + completion_tokens) filter (where hour >= ${today}), 0) as tokens_today,
      coalesce(sum(cost_micros) filter (where hour >= ${today}), 0) as cost_today,
      coalesce(sum(prompt_tokens + completion_tokens), 0) as tokens, coalesce(sum(cost_micros), 0) as cost
    from ${BOTH} where ${"keyId" in whose ? sql`key_id = ${whose.keyId}` : sql`organisation_id = ${whose.organisationId}`}
      and hour >= ${periodStart(longest, now)}`);
  const sum = (name: string): number => Number(rows[0]?.[name]);
  return {
    day: { tokens: sum("tokens_today"), micros: sum("cost_today") },
    month: { tokens: sum("tokens"), micros: sum("cost") },
  };
}
