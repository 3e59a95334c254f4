import { systemClock } from "@arriero/fleet";
import { ArrieroError, type GenerationEvent, type GenerationRequest } from "@arriero/spec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LOCAL } from "../http/principal.ts";
import { Tally } from "../http/tally.ts";
import { StoreDoor } from "../store/store-door.ts";
import { FakeStore } from "../testing/fake-store.ts";
import { requestOf, scriptedEvents } from "../testing/scripted-generation.ts";
import { continueGeneration, type PickUpstream } from "../upstream/continuation.ts";
import { UpstreamBroken } from "../upstream/upstream-broken.ts";
import { costMicros } from "./model-price.ts";
import { RequestAccount } from "./request-account.ts";
import { RequestLedger } from "./request-ledger.ts";

const PRICE = { model: "*", prompt: 3, cached: 1, completion: 7 };
const limits = { continueMs: 1_000, continueAttempts: 3, continueBreaks: 64 };

/** An upstream whose attempts break after so many events each; the last one lasts. */
function breaking(breaks: number[]): PickUpstream {
  const left = [...breaks];
  return async () =>
    ({
      release: () => undefined,
      upstream: {
        id: `u${left.length}`,
        capabilities: EXACT,
        async *generate(request: GenerationRequest): AsyncGenerator<GenerationEvent> {
          const after = left.shift();
          for (const [index, event] of scriptedEvents(request).entries()) {
            if (index === after) throw new UpstreamBroken(new ArrieroError("replica_failed", "gone"));
            yield event;
          }
        },
      },
    }) as unknown as Awaited<ReturnType<PickUpstream>>;
}

const EXACT = { exactResume: true, assistantPrefill: false, honoursSeed: true };

it("law: a row bills each token that was given out once, whatever broke and whenever the caller left", async () => {
  const cases = fc.record({
    seed: fc.nat(50),
    n: fc.integer({ min: 1, max: 3 }),
    breaks: fc.array(fc.integer({ min: 2, max: 12 }), { maxLength: 5 }),
    leaveAfter: fc.option(fc.integer({ min: 1, max: 30 }), { nil: null }),
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ breaks, leaveAfter, n, seed }) => {
      const store = new FakeStore();
      const door = new StoreDoor({ open: async () => store, clock: systemClock, storeMs: 1_000 });
      door.open();
      await door.whenOpen();
      const tally = new Tally();
      const ledger = new RequestLedger(door, () => undefined);
      const spent = { tokens: 0, micros: 0 };
      const use = {
        add: (more: typeof spent) => {
          spent.tokens += more.tokens;
          spent.micros += more.micros;
        },
        written: () => undefined,
      } as never;
      const account = new RequestAccount({ id: "r", principal: LOCAL, tally, startedAt: 0, ledger, prices: [PRICE], use });
      const { signal } = new AbortController();
      await account.begin("arriero-demo", null, signal);
      const own = tally.generation();
      let given = 0;
      let usage: number | null = null;
      let left = leaveAfter;
      let error: ArrieroError | null = null;
      const options = { pick: breaking(breaks), limits, clock: systemClock, signal, onBreak: () => tally.continuations++ };
      try {
        for await (const event of continueGeneration(requestOf({ n, sampling: { seed } }), options)) {
          own.count([event], 0);
          if ("tokens" in event) given += event.tokens.length;
          if (event.type === "usage") usage = event.completionTokens;
          if (left !== null && --left === 0) {
            error = new ArrieroError("cancelled", "left");
            break;
          }
        }
      } catch (thrown) {
        error = ArrieroError.wrap(thrown);
      }
      account.end(error, 1);
      account.end(null, 2);
      await new Promise(setImmediate);
      const [row] = store.rows;
      expect(store.rows).toHaveLength(1);
      expect(row!.ends).toHaveLength(1);
      const [end] = row!.ends as [Required<(typeof row & object)["ends"][number]>];
      expect(end.completionTokens).toBe(usage ?? given);
      expect(given).toBe(end.completionTokens);
      expect(end.costMicros).toBe(costMicros(PRICE, end));
      expect(spent).toEqual({ tokens: end.promptTokens + end.completionTokens, micros: end.costMicros });
      expect(end.status).toBe(error === null ? "completed" : error.code === "cancelled" ? "cancelled" : "failed");
    }),
    { numRuns: 200 },
  );
});

describe("before the first byte", () => {
  const never = new Promise<never>(() => undefined);

  /** Whether the request may go on with nothing but what this process already holds: no timer, no disk, no network. */
  async function begins(door: StoreDoor): Promise<boolean> {
    const ledger = new RequestLedger(door, () => undefined);
    const options = { id: "r", principal: LOCAL, tally: new Tally(), startedAt: 0, ledger, prices: [PRICE], use: null };
    const leave = new AbortController();
    const begun = new RequestAccount(options).begin("m", null, leave.signal).then(
      () => true,
      () => false,
    );
    const went = await Promise.race([begun, new Promise<false>((resolve) => setImmediate(resolve, false))]);
    leave.abort(new ArrieroError("cancelled", "left"));
    await begun;
    return went;
  }

  const doorTo = (open: () => Promise<FakeStore>) => new StoreDoor({ open, clock: systemClock, storeMs: 60_000 });

  it("waits for no store that is still opening", async () => {
    const door = doorTo(() => never);
    door.open();
    expect(await begins(door)).toBe(true);
  });

  it("waits for no row to be written", async () => {
    const store = new FakeStore();
    const entry = { progress: () => undefined, end: () => undefined, recorded: () => never };
    Object.assign(store.ledger, { tryBegin: () => entry, begin: () => never });
    const door = doorTo(async () => store);
    door.open();
    await door.whenOpen();
    expect(await begins(door)).toBe(true);
  });

  it("waits while the ledger has no room", async () => {
    const store = new FakeStore();
    store.isFull = true;
    const door = doorTo(async () => store);
    door.open();
    await door.whenOpen();
    expect(await begins(door)).toBe(false);
  });
});
