import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "./clock.ts";
import { type Connection, connect } from "./database/database.ts";
import { migrate } from "./database/migrate.ts";
import { MIGRATIONS } from "./database/migrations.ts";
import { digestOfKey } from "./keys/key-secret.ts";
import { DatabaseKeys } from "./keys/key-store.ts";
import { DatabaseLedger, type LedgerOptions } from "./ledger/ledger.ts";
import { MOST_DAYS } from "./ledger/usage-queries.ts";
import type { BegunRequest } from "./ledger/usage-record.ts";
import { checkLedgerLaw } from "./testing/ledger-law.ts";
import { ManualClock } from "./testing/manual-clock.ts";
import { DATABASES, type StoreDatabase } from "./testing/store-places.ts";

/** Making an embedded database takes seconds, on a busy machine a minute and more. */
const SETUP_MS = 180_000;
const HOUR = 3_600_000;
const log = () => undefined;

describe.each(DATABASES)("a store on $name", ({ skipped, open }) => {
  if (skipped !== null) {
    it.skip(skipped, () => undefined);
    return;
  }
  let place: StoreDatabase;
  let connection: Connection;
  let clock: ManualClock;
  const newLedger = (options: Partial<LedgerOptions> = {}) => new DatabaseLedger(connection.database, { clock, log, ...options });
  const request = (fields: Partial<BegunRequest> = {}): BegunRequest => ({
    id: randomUUID(),
    organisationId: "default",
    keyId: null,
    model: "m",
    adapter: null,
    startedAt: clock.now(),
    ...fields,
  });

  beforeAll(async () => {
    place = await open();
    connection = connect(place.address, log);
    clock = new ManualClock();
    // Two gateways start at once.
    const [first, second] = await Promise.all([migrate(connection.database), migrate(connection.database)]);
    expect([...first, ...second]).toEqual(MIGRATIONS.map(({ name }) => name));
  }, SETUP_MS);
  afterAll(async () => {
    await connection?.close(systemClock);
    await place?.close();
  }, SETUP_MS);

  describe("migrations", () => {
    it("are not applied again", async () => expect(await migrate(connection.database)).toEqual([]));

    it("are refused when one was edited, and when the database is newer", async () => {
      const [first, ...rest] = MIGRATIONS;
      await expect(migrate(connection.database, [{ ...first!, sql: `${first!.sql} ` }, ...rest])).rejects.toMatchObject({
        code: "config_invalid",
      });
      await expect(migrate(connection.database, [])).rejects.toMatchObject({ code: "config_invalid" });
    });

    it("leave nothing behind when one fails", async () => {
      const broken = [...MIGRATIONS, { name: "broken", sql: "create table arriero.half (a int); select 1 / 0" }];
      await expect(migrate(connection.database, broken)).rejects.toThrow();
      const { rows } = await connection.database.execute(sql`select to_regclass('arriero.half') as half`);
      expect(rows).toEqual([{ half: null }]);
      expect(await migrate(connection.database)).toEqual([]);
    });
  });

  describe("keys", () => {
    const keys = () => new DatabaseKeys(connection.database, clock);

    it("are kept by digest, with every scope", async () => {
      const scope = {
        models: ["llama-*", "arriero-demo"],
        requestsPerMinute: 60,
        tokensPerMinute: 1000,
        tokensPerDay: 5_000_000_000,
        budget: { micros: 12_500_000, period: "month" as const },
        allowedRegions: ["eu-central-1"],
        dataClass: "personal",
        expiresAt: clock.now() + HOUR,
      };
      const { key, record } = await keys().create({ name: "everything", ...scope });
      expect(record).toMatchObject({ ...scope, name: "everything", organisationId: "default", revokedAt: null });
      expect(key.startsWith(record.prefix)).toBe(true);
      expect(await keys().find(digestOfKey(key))).toMatchObject(record);
      const { rows } = await connection.database.execute(sql`select * from arriero.api_keys where id = ${record.id}`);
      expect(JSON.stringify(rows)).not.toContain(key.slice(record.prefix.length));
    });

    it("are without limits unless given some", async () => {
      const { record } = await keys().create({ name: "plain" });
      expect(record).toMatchObject({ models: null, budget: null, tokensPerDay: null, allowedRegions: null, expiresAt: null });
    });

    it("are unknown by any other digest", async () => expect(await keys().find(digestOfKey("ak_made-up"))).toBeNull());

    it("are revoked by id or prefix, once, and then left out of lists", async () => {
      const { key, record } = await keys().create({ name: "gone" });
      const revokedAt = clock.now();
      expect(await keys().revoke(record.prefix)).toMatchObject({ id: record.id, revokedAt });
      clock.advance(1000);
      expect(await keys().revoke(record.id)).toMatchObject({ revokedAt });
      const ids = async (revoked: boolean) => (await keys().list({ revoked })).map(({ id }) => id);
      expect(await ids(false)).not.toContain(record.id);
      expect(await ids(true)).toContain(record.id);
      expect(await keys().find(digestOfKey(key))).toMatchObject({ revokedAt });
    });

    it("are not revoked by what fits none or several", async () => {
      await keys().create({ name: "one" });
      await keys().create({ name: "two" });
      for (const part of ["ak_", "a", "%", ""]) await expect(keys().revoke(part)).rejects.toMatchObject({ code: "not_found" });
      const [first, second] = [await keys().create({ name: "three" }), await keys().create({ name: "four" })];
      const { prefix } = first.record;
      await connection.database.execute(sql`update arriero.api_keys set prefix = ${prefix} where id = ${second.record.id}`);
      await expect(keys().revoke(prefix)).rejects.toMatchObject({ code: "conflict" });
    });

    it("are revoked by the key itself, which no error repeats", async () => {
      const { key, record } = await keys().create({ name: "leaked" });
      const other = `${key.slice(0, -4)}${key.endsWith("0000") ? "1111" : "0000"}`;
      const refused = await keys()
        .revoke(other)
        .catch((thrown: unknown) => thrown);
      expect(refused).toMatchObject({ code: "not_found", message: `There is no key ${record.prefix}....` });
      expect(await keys().revoke(key)).toMatchObject({ id: record.id, revokedAt: clock.now() });
    });
  });

  describe("the ledger", () => {
    it("keeps a request whole", async () => {
      const ledger = newLedger();
      const begun = request({ keyId: "key_1", adapter: "pirate" });
      const entry = await ledger.begin(begun);
      entry.progress({ backend: "local", region: "eu", attempts: 2, promptTokens: 10, cachedTokens: 4 });
      const known = { completionTokens: 7, reasoningTokens: 2, continuations: 1, queueMs: 3, ttftMs: 20, costMicros: 99 };
      entry.end({ status: "failed", errorCode: "replica_failed", endedAt: clock.now() + 5, ...known });
      await ledger.flush();
      expect(await ledger.find(begun.id)).toEqual({
        ...begun,
        ...known,
        backend: "local",
        region: "eu",
        attempts: 2,
        promptTokens: 10,
        cachedTokens: 4,
        status: "failed",
        errorCode: "replica_failed",
        endedAt: clock.now() + 5,
      });
    });

    it("takes two beginnings of one request in one batch", async () => {
      const ledger = newLedger();
      const begun = request();
      const entry = await ledger.begin(begun);
      await ledger.begin(begun);
      await ledger.flush();
      const { rows } = await connection.database.execute(sql`select id from arriero.open_requests where id = ${begun.id}`);
      expect(rows).toEqual([{ id: begun.id }]);
      entry.end({ status: "completed", endedAt: clock.now() });
      await ledger.flush();
    });

    it("leaves what it had open for the next gateway to close at once", async () => {
      const leaving = newLedger();
      const left = request();
      const entry = await leaving.begin(left);
      await leaving.close();
      await entry.recorded();
      await newLedger().reconcile();
      expect(await newLedger().find(left.id)).toMatchObject({ status: "lost" });
    });

    it("refuses a span of more rows than it can answer whole", async () => {
      const organisationId = randomUUID();
      await connection.database.execute(sql`
        insert into arriero.usage_hourly select 0, ${organisationId}, 'key_' || n, 'm', '', 1, 0, 1, 0, 1, 0, 0
        from generate_series(1, ${MOST_DAYS + 1}::int) as n`);
      const ledger = newLedger();
      const all = { from: 0, to: HOUR, organisationId };
      await expect(ledger.byDay(all)).rejects.toMatchObject({ code: "invalid_request" });
      expect(await ledger.byDay({ ...all, keyId: "key_7" })).toHaveLength(1);
      await connection.database.execute(sql`delete from arriero.usage_hourly where key_id = 'key_1' and hour = 0`);
      expect(await ledger.byDay(all)).toHaveLength(MOST_DAYS);
    });

    it("takes what a caller may call a model, and a count that is none", async () => {
      const ledger = newLedger();
      const odd = request({ model: `a\0b\ud800'; drop table x --${"x".repeat(1000)}` });
      (await ledger.begin(odd)).end({ status: "completed", endedAt: clock.now(), promptTokens: Number.NaN, costMicros: -5 });
      await ledger.flush();
      const row = await ledger.find(odd.id);
      expect(row?.model.startsWith("ab\ufffd'; drop table x --xxx")).toBe(true);
      expect(row).toMatchObject({ promptTokens: 0, costMicros: 0 });
    });

    it("closes what a dead gateway left, with what it had noted last", async () => {
      // Its timers died with it.
      const dead = newLedger({ clock: { now: () => clock.now(), after: () => () => undefined } });
      const left = request({ keyId: "key_2" });
      const entry = await dead.begin(left);
      entry.progress({ promptTokens: 10, completionTokens: 3 });
      await dead.flush();
      const notedAt = clock.now();
      entry.progress({ completionTokens: 4 });
      const living = newLedger();
      expect(await living.reconcile()).toBe(0);
      clock.advance(60_001);
      const running = request();
      await living.begin(running);
      await living.flush();
      // Several gateways look at once.
      const found = await Promise.all([living.reconcile(), newLedger().reconcile(), newLedger().reconcile()]);
      expect(found.reduce((sum, lost) => sum + lost)).toBe(1);
      expect(await living.find(left.id)).toMatchObject({ status: "lost", completionTokens: 3, endedAt: notedAt });
      expect(await living.find(running.id)).toBeNull();
      // It was slow and not dead: its own end comes too late.
      entry.end({ status: "completed", endedAt: clock.now(), completionTokens: 50 });
      await dead.flush();
      expect(await living.find(left.id)).toMatchObject({ status: "lost", completionTokens: 3 });
    });

    it("sums up by key and day, exactly, before and after a roll-up", async () => {
      const ledger = newLedger();
      const organisationId = randomUUID();
      const start = Date.UTC(2027, 4, 31, 22);
      for (const [hours, tokens] of [
        [0, 1],
        [1, 10],
        [2, 100],
        [26, 1000],
      ] as const) {
        for (const keyId of [organisationId, null]) {
          const entry = await ledger.begin(request({ organisationId, keyId }));
          entry.end({
            status: "completed",
            endedAt: start + hours * HOUR,
            promptTokens: tokens,
            completionTokens: 1,
            costMicros: tokens,
          });
        }
        await ledger.flush();
        if (hours === 1) await ledger.rollUp();
      }
      const days = () => ledger.byDay({ from: start, to: start + 48 * HOUR, organisationId, keyId: organisationId });
      const before = await days();
      expect(before.map(({ day, promptTokens, requests }) => [day, promptTokens, requests])).toEqual([
        [Date.UTC(2027, 4, 31), 11, 2],
        [Date.UTC(2027, 5, 1), 100, 1],
        [Date.UTC(2027, 5, 2), 1000, 1],
      ]);
      expect(await ledger.rollUp()).toBeGreaterThan(0);
      expect(await ledger.rollUp()).toBe(0);
      expect(await days()).toEqual(before);
      const then = new DatabaseLedger(connection.database, { clock: new ManualClock(start + 27 * HOUR), log });
      expect(await then.spend({ keyId: organisationId }, "month")).toEqual({
        day: { tokens: 1001, micros: 1000 },
        month: { tokens: 1102, micros: 1100 },
      });
      expect(await then.spend({ keyId: organisationId }, "day")).toMatchObject({ day: { tokens: 1001, micros: 1000 } });
      // With those that no key was charged for.
      expect(await then.spend({ organisationId }, "month")).toEqual({
        day: { tokens: 2002, micros: 2000 },
        month: { tokens: 2204, micros: 2200 },
      });
      expect(await then.spend({ keyId: "nobody" }, "day")).toEqual({
        day: { tokens: 0, micros: 0 },
        month: { tokens: 0, micros: 0 },
      });
    });

    it("misses no row when gateways write while it is summed up", async () => {
      const organisationId = randomUUID();
      const writers = Array.from({ length: 3 }, () => newLedger());
      const write = async (ledger: DatabaseLedger): Promise<void> => {
        for (let round = 0; round < 10; round++) {
          (await ledger.begin(request({ organisationId }))).end({ status: "completed", endedAt: clock.now(), promptTokens: 1 });
          await ledger.flush();
        }
      };
      const sum = async (): Promise<void> => {
        for (let round = 0; round < 10; round++) await newLedger().rollUp();
      };
      await Promise.all([...writers.map(write), sum()]);
      await newLedger().rollUp();
      const { rows } = await connection.database.execute(
        sql`select sum(requests)::int as requests from arriero.usage_hourly where organisation_id = ${organisationId}`,
      );
      expect(rows).toEqual([{ requests: 30 }]);
    });

    it("law: every acknowledged request ends in one row, summed once, whatever happens", async () => {
      await checkLedgerLaw(connection.database);
    }, 120_000);
  });
});
