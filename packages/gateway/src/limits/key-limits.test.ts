import type { KeyScope, Spending } from "@arriero/store";
import { beforeEach, describe, expect, it } from "vitest";
import { LOCAL } from "../http/principal.ts";
import { KeyLimits } from "./key-limits.ts";

let now = 0;
let asked: (string | null)[] = [];
const used = (tokens: number, micros: number): Spending => ({ day: { tokens, micros }, month: { tokens, micros } });
let spent: Spending | Error = used(0, 0);
const limits = (mostKeys?: number) =>
  new KeyLimits({
    clock: { now: () => now },
    async loadSpend(_key, period) {
      asked.push(period);
      if (spent instanceof Error) throw spent;
      return spent;
    },
    ...(mostKeys === undefined ? {} : { mostKeys }),
  });
const scope = (changes: Partial<KeyScope>): KeyScope => ({ ...LOCAL.scopes, ...changes });

beforeEach(() => {
  now = Date.UTC(2027, 0, 1, 23, 0, 0);
  asked = [];
  spent = used(0, 0);
});

/** The code, or the headers where it was let in. */
async function enter(all: KeyLimits, of: KeyScope) {
  const told: Record<string, string> = {};
  try {
    await all.of("k", of)!.enter(of, (headers) => Object.assign(told, headers));
    return { code: null, told, retryAfter: undefined };
  } catch (thrown) {
    const { code, body } = thrown as { code: string; body: { retryAfter?: number } };
    return { code, told, retryAfter: body.retryAfter };
  }
}

it("keeps no book of a key without limits", () => {
  expect(limits().of("k", scope({ models: ["a"] }))).toBeNull();
});

it("holds back requests beyond the minute's, and says when the next may come", async () => {
  const all = limits();
  const two = scope({ requestsPerMinute: 2 });
  expect((await enter(all, two)).told).toEqual({
    "x-ratelimit-limit-requests": "2",
    "x-ratelimit-remaining-requests": "1",
    "x-ratelimit-reset-requests": "30s",
  });
  expect((await enter(all, two)).code).toBeNull();
  const refused = await enter(all, two);
  expect([refused.code, refused.retryAfter, refused.told["x-ratelimit-remaining-requests"]]).toEqual(["rate_limited", 30, "0"]);
  now += 30_000;
  expect((await enter(all, two)).code).toBeNull();
  expect(asked).toEqual([]);
});

it("lets a request in while there are tokens, and the next once the debt is paid", async () => {
  const all = limits();
  const some = scope({ tokensPerMinute: 60 });
  expect((await enter(all, some)).code).toBeNull();
  all.of("k", some)!.add({ tokens: 119, micros: 0 });
  const refused = await enter(all, some);
  expect([refused.code, refused.retryAfter, refused.told["x-ratelimit-remaining-tokens"]]).toEqual(["rate_limited", 60, "0"]);
  now += 60_000;
  expect((await enter(all, some)).code).toBeNull();
});

it("holds the day's tokens against the ledger and what runs", async () => {
  const all = limits();
  const day = scope({ tokensPerDay: 100 });
  spent = used(60, 0);
  expect((await enter(all, day)).code).toBeNull();
  all.of("k", day)!.add({ tokens: 40, micros: 0 });
  expect(await enter(all, day)).toMatchObject({ code: "rate_limited", retryAfter: 3600 });
  expect(asked).toEqual(["day"]);
});

describe("a budget", () => {
  const month = scope({ budget: { micros: 1000, period: "month" } });

  it("ends with 402, the value at hand", async () => {
    const all = limits();
    spent = { day: { tokens: 0, micros: 0 }, month: { tokens: 0, micros: 1500 } };
    await expect(all.of("k", month)!.enter(month, () => undefined)).rejects.toMatchObject({
      code: "budget_exceeded",
      status: 402,
      message: "The key has spent 0.0015 of its budget of 0.001 a month (UTC).",
    });
    expect(asked).toEqual(["month"]);
  });

  it("counts a request while it runs, while it is written, and then by the ledger: never less than once", async () => {
    const all = limits();
    expect((await enter(all, month)).code).toBeNull();
    const use = all.of("k", month)!;
    use.add({ tokens: 0, micros: 1000 });
    expect((await enter(all, month)).code).toBe("budget_exceeded");
    use.written({ tokens: 0, micros: 1000 });
    expect((await enter(all, month)).code).toBe("budget_exceeded");
    expect(asked).toHaveLength(1);
    spent = used(0, 999);
    now += 20_000;
    // What was written before the ledger was asked is in its answer.
    expect((await enter(all, month)).code).toBeNull();
    expect(asked).toHaveLength(2);
  });

  it("asks the ledger again when the period changes", async () => {
    const all = limits();
    await enter(all, month);
    await enter(all, scope({ budget: { micros: 1000, period: "day" } }));
    expect(asked).toEqual(["month", "day"]);
  });

  it("is never open because the ledger is away: what it said last counts for some seconds, then it is refused", async () => {
    const all = limits();
    expect((await enter(all, month)).code).toBeNull();
    spent = Object.assign(new Error("away"), { code: "store_unavailable", body: {} });
    now += 6_000;
    expect((await enter(all, month)).code).toBeNull();
    now += 20_000;
    expect((await enter(all, month)).code).toBe("store_unavailable");
    all.of("k", month)!.written({ tokens: 0, micros: 0 });
    spent = used(0, 0);
    expect((await enter(all, month)).code).toBeNull();
  });
});

it("keeps an organisation's use apart from its keys'", async () => {
  const all = limits();
  const budget = { micros: 1000, period: "day" } as const;
  all.ofOrganisation("k").add({ tokens: 1, micros: 1000 });
  await expect(all.ofOrganisation("k").enter([budget])).rejects.toMatchObject({ code: "budget_exceeded" });
  await all.ofOrganisation("p").enter([budget]);
  expect((await enter(all, scope({ budget }))).code).toBeNull();
});

it("forgets the key not used for longest, but none with a request under way", () => {
  const all = limits(2);
  const one = scope({ requestsPerMinute: 1 });
  all.of("running", one)!.add({ tokens: 1, micros: 0 });
  for (const id of ["a", "b", "c"]) all.of(id, one);
  expect(all.size).toBe(2);
  expect(all.of("running", one)!.isIdle).toBe(false);
});
