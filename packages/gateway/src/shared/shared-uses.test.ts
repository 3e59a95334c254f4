import { systemClock } from "@arriero/fleet";
import type { KeyScope } from "@arriero/store";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { LOCAL } from "../http/principal.ts";
import { KeyLimits } from "../limits/key-limits.ts";
import { eventually } from "../testing/eventually.ts";
import { RedisLink } from "./redis-link.ts";
import { SharedUses } from "./shared-uses.ts";
import { noRedis, type RealRedis, startRedis } from "./testing/real-redis.ts";

const scope = (changes: Partial<KeyScope>): KeyScope => ({ ...LOCAL.scopes, ...changes });
const opened: (() => void)[] = [];
let redis: RealRedis;
let keys = 0;
const newKey = () => `key_${keys++}`;

/** What one gateway knows of keys. */
async function gateway() {
  const link = new RedisLink({ url: redis.url, clock: systemClock, onChange: () => undefined });
  link.open();
  const uses = new SharedUses(link, systemClock);
  opened.push(
    () => uses.close(),
    () => link.close(),
  );
  await eventually("the link", () => link.isUp);
  const limits = new KeyLimits({
    clock: systemClock,
    loadSpend: async () => ({ day: { tokens: 0, micros: 0 }, month: { tokens: 0, micros: 0 } }),
    sharing: uses,
  });
  const refusal = async (key: string, of: KeyScope): Promise<string | null> => {
    try {
      await limits.of(key, of)!.enter(of, () => undefined);
      return null;
    } catch (thrown) {
      return (thrown as { code: string }).code;
    }
  };
  return { limits, refusal };
}

describe.skipIf(noRedis !== null)(`on a real Redis${noRedis === null ? "" : ` (skipped: ${noRedis})`}`, () => {
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis?.close());
  afterEach(() => {
    for (const close of opened.splice(0)) close();
  });

  it("requests of a minute are one limit: what one gateway let in the other counts", async () => {
    const [one, other] = [await gateway(), await gateway()];
    const few = scope({ requestsPerMinute: 20 });
    const key = newKey();
    for (let request = 0; request < 20; request++) expect(await one.refusal(key, few)).toBeNull();
    // Before it has told and heard, the other knows of its own alone: those are what the key may go over.
    let over = 0;
    await eventually("its refusal", async () => {
      const refused = await other.refusal(key, few);
      if (refused === null) over++;
      return refused;
    });
    expect(over).toBeLessThan(20);
    // They are owed: a token comes every three seconds, and is not there before the debt is paid.
    expect([await one.refusal(key, few), await other.refusal(key, few)]).toEqual(["rate_limited", "rate_limited"]);
  });

  it("tokens, and sums of days and budgets, too", async () => {
    const [one, other] = [await gateway(), await gateway()];
    for (const [limits, code] of [
      [{ tokensPerMinute: 1000 }, "rate_limited"],
      [{ tokensPerDay: 1000 }, "rate_limited"],
      [{ budget: { micros: 5000, period: "month" } }, "budget_exceeded"],
      [{ budget: { micros: 5000, period: "day" } }, "budget_exceeded"],
    ] as const) {
      const key = newKey();
      const some = scope(limits);
      expect(await one.refusal(key, some)).toBeNull();
      one.limits.of(key, some)!.add({ tokens: 1500, micros: 6000 });
      await eventually(`${JSON.stringify(limits)} at the other`, async () => (await other.refusal(key, some)) === code);
    }
  });

  it("many gateways at once let in what one would, and what each sends within a report", async () => {
    const gateways = await Promise.all([gateway(), gateway(), gateway(), gateway()]);
    const key = newKey();
    const some = scope({ requestsPerMinute: 200 });
    let let_in = 0;
    const started = Date.now();
    // Each as fast as a caller who waits for his answer: two milliseconds a request.
    await Promise.all(
      gateways.map(async ({ refusal }) => {
        for (let request = 0; request < 150; request++) {
          if ((await refusal(key, some)) === null) let_in++;
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
      }),
    );
    const refilled = Math.ceil(((Date.now() - started) * 200) / 60_000);
    expect(let_in).toBeGreaterThanOrEqual(200);
    // 150 from each would be 600.
    expect(let_in).toBeLessThan(200 + refilled + 200);
  });
});
