import type { Clock } from "@arriero/fleet";
import { ArrieroError } from "@arriero/spec";
import type { DailyUsage, UsageFilter, UsageSums } from "@arriero/store";
import type { Exchange } from "../http/exchange.ts";
import { isOwner, type Principal } from "../http/principal.ts";
import type { Route } from "../http/route.ts";
import type { StoreDoor } from "../store/store-door.ts";

const DAY_MS = 86_400_000;
const DAYS = 30;
const MOST_DAYS = 366;

/** Sums of one UTC day, key and model. */
export interface UsageRow extends UsageSums {
  /** `2026-01-31`, UTC. */
  readonly day: string;
  readonly organisation: string;
  /** null: callers on the server's own machine, without a key. */
  readonly key: string | null;
  readonly model: string;
}

export interface UsageReport {
  /** First and last day. */
  readonly from: string;
  readonly to: string;
  /** Oldest day first. */
  readonly usage: readonly UsageRow[];
  readonly total: UsageSums;
}

export interface UsageServices {
  /** null: nothing is kept. */
  readonly door: StoreDoor | null;
  readonly clock: Clock;
}

/** What was used, by day, key and model. */
export function usageRoutes({ clock, door }: UsageServices): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/arriero/v1/usage",
      access: "caller",
      inference: false,
      async handler(exchange) {
        if (door === null) {
          throw new ArrieroError("unsupported", "This server keeps no usage.", {
            hint: "It does with --require-key, with DATABASE_URL, or once `arriero key create` has made its database.",
          });
        }
        const days = daysAsked(exchange);
        const today = Math.floor(clock.now() / DAY_MS) * DAY_MS;
        const filter: UsageFilter = { from: today - (days - 1) * DAY_MS, to: today + DAY_MS, ...ownRows(exchange.principal!) };
        const usage = (await door.ask(({ ledger }) => ledger.byDay(filter))).map(toRow);
        exchange.sendJson(200, {
          from: isoDay(filter.from),
          to: isoDay(today),
          usage,
          total: total(usage),
        } satisfies UsageReport);
      },
    },
  ];
}

/** A key sees its own rows; who runs the server sees all. */
function ownRows(principal: Principal): Pick<UsageFilter, "keyId"> {
  return isOwner(principal) ? {} : { keyId: principal.id };
}

function daysAsked({ query }: Exchange): number {
  const asked = query.get("days");
  const days = asked === null ? DAYS : Number(asked);
  if (Number.isInteger(days) && days >= 1 && days <= MOST_DAYS) return days;
  throw new ArrieroError("invalid_request", `days must be a whole number from 1 to ${MOST_DAYS}, but was ${asked}.`, {
    param: "days",
  });
}

function toRow({ day, keyId, organisationId, ...rest }: DailyUsage): UsageRow {
  return { day: isoDay(day), organisation: organisationId, key: keyId, ...rest };
}

function total(rows: readonly UsageSums[]): UsageSums {
  const sum = (pick: (row: UsageSums) => number): number => rows.reduce((before, row) => before + pick(row), 0);
  return {
    requests: sum((row) => row.requests),
    failures: sum((row) => row.failures),
    promptTokens: sum((row) => row.promptTokens),
    cachedTokens: sum((row) => row.cachedTokens),
    completionTokens: sum((row) => row.completionTokens),
    reasoningTokens: sum((row) => row.reasoningTokens),
    costMicros: sum((row) => row.costMicros),
  };
}

const isoDay = (at: number): string => new Date(at).toISOString().slice(0, 10);
