import { describe, expect, it } from "vitest";
import { ManualClock } from "../testing/manual-clock.ts";
import type { Change } from "./ledger-entry.ts";
import { LEDGER_LIMITS } from "./ledger-limits.ts";
import { LedgerWriter } from "./ledger-writer.ts";

const request = (id: string) => ({ id, organisationId: "o", keyId: null, model: "m", adapter: null, startedAt: 0 });
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

function writerOf(limits: Partial<typeof LEDGER_LIMITS> = {}) {
  const clock = new ManualClock();
  const batches: string[][] = [];
  const state = { isDown: false };
  const write = async (changes: readonly Change[]): Promise<void> => {
    if (state.isDown) throw new Error("down");
    batches.push(changes.map(({ columns, kind }) => `${kind} ${columns["id"]}`));
  };
  const writer = new LedgerWriter({ write, limits: { ...LEDGER_LIMITS, ...limits }, clock, log: () => undefined });
  return { batches, clock, state, writer };
}

describe("LedgerWriter", () => {
  it("writes what came within an interval as one batch, and a request that ended in it once", async () => {
    const { batches, clock, writer } = writerOf();
    const a = await writer.begin(request("a"));
    await writer.begin(request("b"));
    a.end({ status: "completed", endedAt: 1 });
    const recorded = a.recorded();
    expect(batches).toEqual([]);
    clock.advance(LEDGER_LIMITS.flushMs);
    await recorded;
    expect(batches).toEqual([["final a", "open b"]]);
    expect(clock.waits).toEqual([]);
  });

  it("writes larger batches more seldom where a batch takes long, and soon again once it does not", async () => {
    const clock = new ManualClock();
    let takesMs = 20;
    const write = async () => clock.advance(takesMs);
    const writer = new LedgerWriter({ write, limits: LEDGER_LIMITS, clock, log: () => undefined });
    const waitAfterBatch = async (id: string): Promise<number> => {
      await writer.begin(request(id));
      clock.advance(clock.waits[0]!);
      await settled();
      await writer.begin(request(`${id} next`));
      const [wait = 0] = clock.waits;
      await writer.flush();
      return wait;
    };
    // 5 % of the time is writing: 20 ms of 400.
    expect(await waitAfterBatch("a")).toBe(380);
    takesMs = 1000;
    expect(await waitAfterBatch("b")).toBe(LEDGER_LIMITS.mostFlushMs);
    takesMs = 1;
    expect(await waitAfterBatch("c")).toBe(LEDGER_LIMITS.flushMs);
  });

  it("keeps what the database did not take, in order, and waits longer each time", async () => {
    const { batches, clock, state, writer } = writerOf();
    const a = await writer.begin(request("a"));
    state.isDown = true;
    const waits: number[] = [];
    clock.advance(LEDGER_LIMITS.flushMs);
    for (let attempt = 0; attempt < 8; attempt++) {
      await settled();
      waits.push(clock.waits[0]!);
      clock.advance(clock.waits[0]!);
    }
    expect(waits).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
    await settled();
    await writer.begin(request("b"));
    a.end({ status: "failed", endedAt: 1 });
    state.isDown = false;
    await writer.flush();
    expect(batches).toEqual([["final a", "open b"]]);
  });

  it("counts a batch that is on its way as not written yet", async () => {
    const clock = new ManualClock();
    let answer = (): void => undefined;
    const write = () =>
      new Promise<void>((resolve) => {
        answer = resolve;
      });
    const writer = new LedgerWriter({ write, limits: LEDGER_LIMITS, clock, log: () => undefined });
    const entry = await writer.begin(request("a"));
    clock.advance(LEDGER_LIMITS.flushMs);
    await settled();
    let done = 0;
    const all = [entry.recorded(), writer.flush(), writer.close()].map((promise) => promise.then(() => done++));
    await settled();
    expect(done).toBe(0);
    answer();
    await Promise.all(all);
  });

  it("lets in as many as there is room for, and always lets end what has begun", async () => {
    const { batches, state, writer } = writerOf({ pending: 2 });
    const a = await writer.begin(request("a"));
    await writer.begin(request("b"));
    state.isDown = true;
    let isIn = false;
    const third = writer.begin(request("c")).then(() => {
      isIn = true;
    });
    const leaving = new AbortController();
    const fourth = writer.begin(request("d"), leaving.signal);
    leaving.abort(new Error("left"));
    await expect(fourth).rejects.toThrow("left");
    await expect(writer.flush()).rejects.toMatchObject({ code: "store_unavailable" });
    a.end({ status: "completed", endedAt: 1 });
    await settled();
    expect([isIn, writer.pending]).toEqual([false, 2]);
    state.isDown = false;
    await writer.flush();
    await third;
    await writer.close();
    expect(batches).toEqual([["final a", "open b"], ["open c"]]);
  });

  it("tells, when it closes, what could not be written", async () => {
    const { clock, state, writer } = writerOf({ closeMs: 1000 });
    const entry = await writer.begin(request("a"));
    state.isDown = true;
    const recorded = expect(entry.recorded()).rejects.toMatchObject({ code: "store_unavailable" });
    const closed = expect(writer.close()).rejects.toThrow("last 1 records");
    await expect(writer.begin(request("b"))).rejects.toMatchObject({ code: "draining" });
    for (let round = 0; round < 10; round++) {
      await settled();
      clock.advance(500);
    }
    await Promise.all([recorded, closed]);
  });

  it("waits no longer for a database that neither takes nor refuses", async () => {
    const clock = new ManualClock();
    const write = () => new Promise<void>(() => undefined);
    const writer = new LedgerWriter({ write, limits: { ...LEDGER_LIMITS, closeMs: 1000 }, clock, log: () => undefined });
    const entries = [await writer.begin(request("a")), await writer.begin(request("b"))];
    clock.advance(LEDGER_LIMITS.flushMs);
    await settled();
    entries.push(await writer.begin(request("c")));
    const recorded = entries.map((entry) => expect(entry.recorded()).rejects.toMatchObject({ code: "store_unavailable" }));
    const closed = expect(writer.close()).rejects.toThrow("last 3 records");
    await settled();
    clock.advance(1000);
    await Promise.all([...recorded, closed]);
    expect(clock.waits).toEqual([]);
  });

  it("says of what is noted after the close that it is not recorded", async () => {
    const { batches, writer } = writerOf();
    const entry = await writer.begin(request("a"));
    await writer.close();
    await entry.recorded();
    entry.end({ status: "completed", endedAt: 1 });
    await expect(entry.recorded()).rejects.toMatchObject({ code: "store_unavailable" });
    expect(batches).toEqual([["open a"]]);
  });

  it("logs why the database refuses, and not the records", async () => {
    const said: string[] = [];
    const write = async (): Promise<void> => {
      throw new Error("Failed query: insert\nparams: everything", { cause: new Error("connect ECONNREFUSED") });
    };
    const log = ({ message }: { readonly message: string }) => said.push(message);
    const writer = new LedgerWriter({ write, limits: LEDGER_LIMITS, clock: new ManualClock(), log });
    await writer.begin(request("a"));
    await expect(writer.flush()).rejects.toMatchObject({ code: "store_unavailable" });
    expect(said).toEqual(["the database did not take 1 records, try 1: connect ECONNREFUSED"]);
  });
});
