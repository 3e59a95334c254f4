import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { systemClock } from "./clock.ts";
import { type Connection, connect } from "./database/database.ts";
import { connectEmbedded } from "./embedded/connect-embedded.ts";
import { openStore, type StoreOptions } from "./open-store.ts";
import type { Owner } from "./people/standing.ts";
import { KILLED_PLACES } from "./testing/killed-places.ts";
import { type Acknowledged, type KilledWriter, startWriter } from "./testing/killed-writer.ts";
import { halfWrites, lostWrites } from "./testing/lost-writes.ts";

/** `npm run soak -- store` kills 200 times on each database. */
const KILLS = Number(process.env["ARRIERO_SOAK_STORE"] ?? (process.env["ARRIERO_SOAK"] === "1" ? 200 : 2));
const LONGEST_ROUND_MS = 60_000;
const MOST_BEFORE_KILL = 30;
const WHOLE = {
  "questions without an answer": 0,
  "conversations counted wrong": 0,
  "logs with a gap": 0,
  "answers in two states": 0,
};
const log = () => undefined;

type Victim = "writer" | "database" | "both";
const VICTIMS: readonly Victim[] = ["database", "both", "writer"];

describe.each(KILLED_PLACES)("kill -9 and $name", ({ name, open, skipped }) => {
  if (skipped !== null) {
    it.skip(skipped, () => undefined);
    return;
  }

  it(
    `loses nothing that was acknowledged, ${KILLS} times, and opens again`,
    async () => {
      const place = await open();
      const all: Acknowledged[] = [];
      const openMs: number[] = [];
      const killed: Record<Victim, number> = { writer: 0, database: 0, both: 0 };
      const startedAt = performance.now();
      let writer: KilledWriter | null = null;
      try {
        const owner = await newOwner(place.options);
        writer = startWriter(place.options, owner);
        let isFresh = true;
        for (let round = 0; round < KILLS; round++) {
          const victim = VICTIMS[round % VICTIMS.length]!;
          // Some die while they open the store, the others with writes under way.
          const after = isFresh && round % 4 === 3 ? 0 : 1 + Math.floor(Math.random() * MOST_BEFORE_KILL);
          if (after === 0) await new Promise((resolve) => setTimeout(resolve, Math.random() * 1500));
          else await writer.until(after);
          await Promise.all([victim === "database" ? null : writer.kill(), victim === "writer" ? null : place.kill()]);
          killed[victim]++;
          // A writer that lives finds the database again, with nobody's help, and goes on.
          if (victim === "database") await writer.until(1);
          const refused = writer.refused.splice(0);
          expect(refused.filter(({ code }) => victim === "writer" || code !== "store_unavailable")).toEqual([]);
          const acknowledged = writer.acknowledged.splice(0);
          all.push(...acknowledged);
          isFresh = victim !== "database";
          const begun = performance.now();
          const store = await openStore(place.options);
          openMs.push(performance.now() - begun);
          // The next one starts while it is looked at what this one has left.
          if (isFresh) writer = startWriter(place.options, owner);
          await store.keys.create({ name: `after kill ${round}` });
          await store.close();
          await look(place.options, async ({ database }) => {
            expect(await lostWrites(database, acknowledged)).toEqual([]);
            expect(await halfWrites(database)).toEqual(WHOLE);
          });
        }
        await writer.kill();
        all.push(...writer.acknowledged);
        await look(place.options, async ({ database }) => {
          expect(await lostWrites(database, all)).toEqual([]);
          const { rows } = await database.execute(sql`select count(*)::int as keys from arriero.api_keys`);
          expect(rows).toEqual([{ keys: KILLS }]);
        });
      } finally {
        await writer?.kill();
        await place.close();
      }
      const sorted = openMs.toSorted((a, b) => a - b);
      const at = (share: number) => Math.round(sorted[Math.ceil(sorted.length * share) - 1]!);
      console.log(
        `kill -9 on ${name}: ${KILLS} kills (${killed.writer} of the writer, ${killed.database} of the database, ${killed.both} of both), ` +
          `${all.length} acknowledged writes, 0 lost; opened again in ${at(0.5)} ms (p50), ${at(1)} ms (worst); ` +
          `${Math.round((performance.now() - startedAt) / 1000)} s`,
      );
    },
    120_000 + KILLS * LONGEST_ROUND_MS,
  );
});

/** A person in the store's database; the first one to open it makes it. */
async function newOwner(options: StoreOptions): Promise<Owner> {
  await (await openStore(options)).close();
  const owner = { personId: randomUUID(), organisationId: "default" };
  await look(options, ({ database }) =>
    database.execute(sql`insert into arriero.people (id, name, email) values (${owner.personId}, 'Ana', 'ana@example.org')`),
  );
  return owner;
}

async function look(options: StoreOptions, at: (connection: Connection) => Promise<unknown>): Promise<void> {
  const connection =
    "url" in options
      ? connect({ kind: "url", url: options.url }, log)
      : await connectEmbedded({ folder: options.folder, clock: systemClock, entry: options.embeddedEntry! }, log);
  await at(connection).finally(() => connection.close(systemClock));
}
