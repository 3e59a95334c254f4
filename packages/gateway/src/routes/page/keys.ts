import type { Clock } from "@arriero/fleet";
import { ArrieroError, page } from "@arriero/spec";
import { type ApiKey, type DailyUsage, keyState } from "@arriero/store";
import type { Accounts } from "../../accounts/accounts.ts";
import { ownerOf, type Person } from "../../accounts/person.ts";
import type { Route } from "../../http/route.ts";
import type { StoreDoor } from "../../store/store-door.ts";
import { csvOf } from "./csv.ts";
import { pageRoute, personOf } from "./page-route.ts";

export interface PageKeyServices {
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly door: StoreDoor | null;
}

const { PAGE_API } = page;
const DAY_MS = 86_400_000;

const isAdmin = ({ standing }: Person): boolean => standing.role !== "member";

/** Keys and what was used. A member sees their own, an admin the organisation's. */
export function pageKeyRoutes({ accounts, clock, door }: PageKeyServices): readonly Route[] {
  const usageOf = async (
    person: Person,
    { days, key, model, user }: { days: number; key?: string | undefined; model?: string | undefined; user?: string | undefined },
  ) => {
    const { organisationId } = ownerOf(person);
    const today = Math.floor(clock.now() / DAY_MS) * DAY_MS;
    const from = today - (days - 1) * DAY_MS;
    const [rows, keys, names] = await Promise.all([
      door === null ? [] : door.ask(({ ledger }) => ledger.byDay({ from, to: today + DAY_MS, organisationId })),
      accounts.ask((pages) => pages.keys.list({ organisationId, revoked: true })),
      accounts.ask(({ people }) => people.names(organisationId)),
    ]);
    const byId = new Map(keys.map((each) => [each.id, each]));
    const entries = rows
      .map((row) => toEntry(row, byId, names))
      .filter((entry) => isAdmin(person) || entry.user?.id === person.id)
      .filter((entry) => (user === undefined || entry.user?.id === user) && (key === undefined || entry.key?.id === key))
      .filter((entry) => model === undefined || entry.model === model);
    return { from: isoDay(from), to: isoDay(today), entries, total: total(entries) };
  };

  return [
    pageRoute(PAGE_API.listKeys, async ({ exchange, query }) => {
      const person = personOf(exchange);
      if (query.all && !isAdmin(person)) throw new ArrieroError("forbidden", "The organisation's keys are for its admins.");
      const { organisationId, personId } = ownerOf(person);
      return accounts.ask(async ({ keys, people }) => {
        const asked = { organisationId, revoked: query.revoked, ...(query.all ? {} : { personId }) };
        const names = await people.names(organisationId);
        return { entries: (await keys.list(asked)).map((key) => toPageKey(key, names, clock.now())), next: null };
      });
    }),
    pageRoute(PAGE_API.createKey, async ({ body, exchange }) => {
      const person = personOf(exchange);
      const { organisationId, personId } = ownerOf(person);
      return accounts.ask(async ({ audit, keys }) => {
        const { key, record } = await keys.create({ ...body, organisationId, personId });
        await audit.note({ organisationId, actor: person, action: "key.create", target: `${record.name} (${record.prefix})` });
        return { key, record: toPageKey(record, new Map([[person.id, person.name]]), clock.now()) };
      });
    }),
    pageRoute(PAGE_API.revokeKey, async ({ exchange, id }) => {
      const person = personOf(exchange);
      const { organisationId, personId } = ownerOf(person);
      await accounts.ask(async ({ audit, keys }) => {
        await keys.revokeOwn(organisationId, isAdmin(person) ? null : personId, id);
        await audit.note({ organisationId, actor: person, action: "key.revoke", target: id });
      });
      door?.tellKeysEnd();
    }),
    pageRoute(PAGE_API.usage, ({ exchange, query }) => usageOf(personOf(exchange), query)),
    pageRoute(PAGE_API.usageCsv, async ({ exchange, query }) => {
      const { entries } = await usageOf(personOf(exchange), query);
      const rows = entries.map(({ day, key, model, user, ...sums }) => [
        day,
        user?.name ?? "",
        key?.name ?? "",
        model,
        ...SUMS.map((sum) => sums[sum]),
      ]);
      exchange.sendBytes(200, Buffer.from(csvOf([["day", "user", "key", "model", ...SUMS], ...rows])), {
        "content-type": "text/csv; charset=utf-8",
        "content-disposition": 'attachment; filename="usage.csv"',
      });
    }),
  ];
}

const SUMS = [
  "requests",
  "failures",
  "promptTokens",
  "cachedTokens",
  "completionTokens",
  "reasoningTokens",
  "costMicros",
] as const;

const isoDay = (at: number): string => new Date(at).toISOString().slice(0, 10);

function total(entries: readonly page.UsageEntry[]) {
  const sum = (name: (typeof SUMS)[number]): number => entries.reduce((before, entry) => before + entry[name], 0);
  return {
    requests: sum("requests"),
    failures: sum("failures"),
    promptTokens: sum("promptTokens"),
    cachedTokens: sum("cachedTokens"),
    completionTokens: sum("completionTokens"),
    reasoningTokens: sum("reasoningTokens"),
    costMicros: sum("costMicros"),
  };
}

/** What the page itself asks for is charged to the person, under their own id. */
function toEntry(
  { day, keyId, organisationId: _, ...row }: DailyUsage,
  keys: ReadonlyMap<string, ApiKey>,
  names: ReadonlyMap<string, string>,
): page.UsageEntry {
  const key = keyId === null ? undefined : keys.get(keyId);
  const personId = key?.personId ?? (keyId?.startsWith("usr_") ? keyId : null);
  return {
    ...row,
    day: isoDay(day),
    user: personId === null ? null : { id: personId, name: names.get(personId) ?? personId },
    key: key === undefined ? null : { id: key.id, name: key.name },
  };
}

function toPageKey(key: ApiKey, names: ReadonlyMap<string, string>, now: number): page.PageKey {
  const { personId } = key;
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    state: keyState(key, now),
    createdAt: key.createdAt,
    revokedAt: key.revokedAt,
    expiresAt: key.expiresAt,
    models: key.models === null ? null : [...key.models],
    requestsPerMinute: key.requestsPerMinute,
    tokensPerMinute: key.tokensPerMinute,
    tokensPerDay: key.tokensPerDay,
    budget: key.budget,
    allowedRegions: key.allowedRegions === null ? null : [...key.allowedRegions],
    owner: personId === null ? null : { id: personId, name: names.get(personId) ?? personId },
  };
}
