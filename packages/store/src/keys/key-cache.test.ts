import { describe, expect, it } from "vitest";
import { ManualClock } from "../testing/manual-clock.ts";
import { type ApiKey, UNLIMITED } from "./api-key.ts";
import { KeyCache } from "./key-cache.ts";

const record = (id: string): ApiKey => ({
  ...UNLIMITED,
  id,
  organisationId: "default",
  personId: null,
  name: id,
  prefix: id,
  createdAt: 0,
  revokedAt: null,
});

function cacheOf(answers: (digest: string) => Promise<ApiKey | null>, most = 3) {
  const clock = new ManualClock();
  const asked: string[] = [];
  const load = (digest: string) => {
    asked.push(digest);
    return answers(digest);
  };
  return { asked, clock, cache: new KeyCache({ load, clock, ttlMs: 100, missMs: 10, most }) };
}

describe("KeyCache", () => {
  it("asks for everything anew once it is cleared, and keeps no answer that was on its way", async () => {
    let answer = (_: ApiKey): void => undefined;
    const { asked, cache } = cacheOf(() => new Promise((resolve) => (answer = resolve)));
    const first = cache.get("a");
    await Promise.resolve();
    cache.clear();
    answer(record("key_a"));
    expect(await first).toEqual(record("key_a"));
    expect(cache.peek("a")).toBeNull();
    void cache.get("a");
    await Promise.resolve();
    await Promise.resolve();
    expect(asked).toHaveLength(2);
  });

  it("asks once for a record until its time is over", async () => {
    const { asked, cache, clock } = cacheOf(async (digest) => record(digest));
    expect(cache.peek("a")).toBeNull();
    expect(await Promise.all([cache.get("a"), cache.get("a")])).toEqual([record("a"), record("a")]);
    clock.advance(99);
    expect(cache.peek("a")).toEqual(record("a"));
    expect(asked).toEqual(["a"]);
    clock.advance(1);
    expect(cache.peek("a")).toBeNull();
    await cache.get("a");
    expect(asked).toEqual(["a", "a"]);
  });

  it("remembers a miss for its own, shorter time", async () => {
    const { asked, cache, clock } = cacheOf(async () => null);
    await cache.get("a");
    clock.advance(9);
    expect(await cache.get("a")).toBeNull();
    clock.advance(1);
    await cache.get("a");
    expect(asked).toEqual(["a", "a"]);
  });

  it("is bounded, drops the least recently used, and keeps records through a flood of misses", async () => {
    const { asked, cache } = cacheOf(async (digest) => (digest.startsWith("made-up") ? null : record(digest)));
    for (const digest of ["a", "b", "c"]) await cache.get(digest);
    await cache.get("a");
    await cache.get("d");
    expect(["a", "b", "c", "d"].map((digest) => cache.peek(digest) !== null)).toEqual([true, false, true, true]);
    for (let index = 0; index < 100; index++) await cache.get(`made-up ${index}`);
    expect(cache.size).toBe(6);
    asked.length = 0;
    await cache.get("a");
    expect(asked).toEqual([]);
  });

  it("forgets all it knows when it is told to", async () => {
    const { asked, cache } = cacheOf(async (digest) => (digest === "a" ? record(digest) : null));
    for (const digest of ["a", "b"]) await cache.get(digest);
    cache.clear();
    expect([cache.size, cache.peek("a")]).toEqual([0, null]);
    for (const digest of ["a", "b"]) await cache.get(digest);
    expect(asked).toEqual(["a", "b", "a", "b"]);
  });

  it("passes an error to all who asked and forgets it", async () => {
    let fails = true;
    const { cache } = cacheOf(async (digest) => {
      if (fails) throw new Error("down");
      return record(digest);
    });
    const results = await Promise.allSettled([cache.get("a"), cache.get("a")]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    fails = false;
    expect(await cache.get("a")).toEqual(record("a"));
  });

  it("does not keep an answer that was forgotten on its way", async () => {
    let answer = (_: ApiKey): void => undefined;
    const { cache } = cacheOf(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    const asked = cache.get("a");
    await Promise.resolve();
    await Promise.resolve();
    cache.clear();
    answer(record("a"));
    expect(await asked).toEqual(record("a"));
    expect(cache.peek("a")).toBeNull();
  });
});
