import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import fc from "fast-check";
import { expect } from "vitest";
import type { Database } from "../database/database.ts";
import { DatabaseLedger } from "../ledger/ledger.ts";
import type { LedgerEntry } from "../ledger/ledger-entry.ts";
import { ManualClock } from "./manual-clock.ts";

type Step =
  | { readonly do: "begin" | "flush" | "crash"; readonly gateway: number }
  | { readonly do: "progress" | "end"; readonly request: number; readonly tokens: number }
  /** The same request written by another gateway: a retry whose first try did arrive. */
  | { readonly do: "end again"; readonly request: number; readonly gateway: number; readonly tokens: number }
  | { readonly do: "reconcile" | "roll up" | "pass an hour" };

const GATEWAYS = 3;
const gateway = fc.nat({ max: GATEWAYS - 1 });
const request = fc.nat({ max: 9 });
const tokens = fc.integer({ min: 1, max: 1000 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("begin" as const), gateway }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("progress" as const), request, tokens }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("end" as const), request, tokens }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("flush" as const), gateway }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("crash" as const), gateway }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("end again" as const), request, gateway, tokens }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("reconcile" as const, "roll up" as const, "pass an hour" as const) }) },
);

interface Begun {
  readonly id: string;
  readonly entry: LedgerEntry;
  /** Everything that anyone ever noted as this request's tokens. */
  readonly noted: Set<number>;
  acknowledged: boolean;
}

/** One history on an organisation of its own, so that many share a database. */
class History {
  readonly #database: Database;
  readonly #clock: ManualClock;
  readonly #organisationId = randomUUID();
  readonly #gateways: DatabaseLedger[];
  readonly #begun: Begun[] = [];

  constructor(database: Database, clock: ManualClock) {
    this.#database = database;
    this.#clock = clock;
    this.#gateways = Array.from({ length: GATEWAYS }, () => this.#start());
  }

  async take(step: Step): Promise<void> {
    switch (step.do) {
      case "begin": {
        const id = randomUUID();
        const entry = await this.#begin(step.gateway, id);
        const begun: Begun = { id, entry, noted: new Set([0]), acknowledged: false };
        void entry.recorded().then(
          () => {
            begun.acknowledged = true;
          },
          () => undefined,
        );
        this.#begun.push(begun);
        return;
      }
      case "progress": {
        const begun = this.#begun[step.request];
        begun?.noted.add(step.tokens);
        begun?.entry.progress({ completionTokens: step.tokens });
        return;
      }
      case "end": {
        const begun = this.#begun[step.request];
        begun?.noted.add(step.tokens);
        begun?.entry.end({ status: "completed", completionTokens: step.tokens, endedAt: this.#clock.now() });
        return;
      }
      case "end again": {
        const begun = this.#begun[step.request];
        if (begun === undefined) return;
        begun.noted.add(step.tokens);
        const entry = await this.#begin(step.gateway, begun.id);
        entry.end({ status: "cancelled", completionTokens: step.tokens, endedAt: this.#clock.now() });
        return;
      }
      case "flush":
        await this.#gateways[step.gateway]!.flush();
        return;
      case "crash":
        // What it had not written is gone with it.
        this.#gateways[step.gateway] = this.#start();
        return;
      case "reconcile":
        // Also gateways that live but were silent are taken for dead.
        this.#clock.advance(60_001);
        await this.#start().reconcile();
        return;
      case "roll up":
        await this.#start().rollUp();
        return;
      case "pass an hour":
        this.#clock.advance(3_600_000);
        return;
      default:
        step satisfies never;
    }
  }

  /** All gateways crash; a new one finds what they left. */
  async check(): Promise<void> {
    await this.take({ do: "reconcile" });
    await this.take({ do: "roll up" });
    const organisation = this.#organisationId;
    const { rows } = await this.#database.execute<{ id: string; tokens: number }>(
      sql`select id, completion_tokens::int as tokens from arriero.usage where organisation_id = ${organisation}`,
    );
    const ids = rows.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { acknowledged, id, noted } of this.#begun) {
      const row = rows.find((other) => other.id === id);
      if (acknowledged) expect(row).toBeDefined();
      if (row !== undefined) expect(noted).toContain(row.tokens);
    }
    expect(this.#begun.map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
    const { rows: summed } = await this.#database.execute(sql`
      select coalesce(sum(requests), 0)::int as requests, coalesce(sum(completion_tokens), 0)::int as tokens
      from arriero.usage_hourly where organisation_id = ${organisation}`);
    expect(summed).toEqual([{ requests: rows.length, tokens: rows.reduce((sum, row) => sum + row.tokens, 0) }]);
    const { rows: open } = await this.#database.execute(
      sql`select id from arriero.open_requests where organisation_id = ${organisation}`,
    );
    expect(open).toEqual([]);
  }

  #start(): DatabaseLedger {
    // Nothing is written but by a flush: its own timers never come to fire.
    const clock = { now: () => this.#clock.now(), after: () => () => undefined };
    return new DatabaseLedger(this.#database, { clock, log: () => undefined });
  }

  #begin(gateway: number, id: string): Promise<LedgerEntry> {
    const organisationId = this.#organisationId;
    const startedAt = this.#clock.now();
    return this.#gateways[gateway]!.begin({ id, organisationId, keyId: null, model: "m", adapter: null, startedAt });
  }
}

/**
 * For any history of gateways that begin, note, end, write, crash, reconcile and sum up: every request whose beginning
 * was acknowledged ends in exactly one row, of tokens that were once noted, and the sums are those of the rows.
 */
export async function checkLedgerLaw(database: Database): Promise<void> {
  const clock = new ManualClock(1_900_000_000_000);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const history = new History(database, clock);
      for (const each of steps) await history.take(each);
      await history.check();
    }),
    { numRuns: 40 },
  );
}
