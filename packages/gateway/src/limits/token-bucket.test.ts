import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rateHeaders, shortSpan } from "./rate-headers.ts";
import { fullBucket, msUntil, refill, spend } from "./token-bucket.ts";

describe("a bucket", () => {
  it("fills evenly, to a minute's worth and no more", () => {
    const empty = spend(fullBucket(60, 0), 60, 60, 0);
    expect(refill(empty, 60, 30_000).level).toBe(30);
    expect(refill(empty, 60, 600_000).level).toBe(60);
  });

  it("may be in debt, and says when it is out of it", () => {
    const indebted = spend(fullBucket(60, 0), 60, 90, 0);
    expect(indebted.level).toBe(-30);
    const wait = msUntil(indebted, 60, 1);
    expect(wait).toBe(31_000);
    expect(refill(indebted, 60, wait).level).toBe(1);
  });

  it("gains nothing from a clock that goes back, and spills when its rule shrinks", () => {
    expect(refill({ level: 1, at: 1000 }, 60, 0).level).toBe(1);
    expect(refill({ level: 60, at: 0 }, 10, 0).level).toBe(10);
  });

  it("law: over any time it gives out at most what it held and what it gained", () => {
    const steps = fc.array(fc.record({ wait: fc.nat(20_000), take: fc.nat(50) }), { maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), steps, (perMinute, all) => {
        let now = 0;
        let given = 0;
        let bucket = fullBucket(perMinute, now);
        for (const { take, wait } of all) {
          now += wait;
          bucket = refill(bucket, perMinute, now);
          if (bucket.level < take) continue;
          bucket = spend(bucket, perMinute, take, now);
          given += take;
        }
        expect(given).toBeLessThanOrEqual(perMinute + (now * perMinute) / 60_000 + 1e-6);
      }),
    );
  });
});

it("is told in OpenAI's headers", () => {
  expect(rateHeaders("tokens", { level: 1.5, at: 0 }, 60)).toEqual({
    "x-ratelimit-limit-tokens": "60",
    "x-ratelimit-remaining-tokens": "1",
    "x-ratelimit-reset-tokens": "59s",
  });
  expect(rateHeaders("requests", { level: -4, at: 0 }, 60)["x-ratelimit-remaining-requests"]).toBe("0");
  expect([0, 12, 999, 1000, 60_000, 360_000, 3_605_000].map(shortSpan)).toEqual([
    "0ms",
    "12ms",
    "999ms",
    "1s",
    "1m0s",
    "6m0s",
    "1h0m5s",
  ]);
});
