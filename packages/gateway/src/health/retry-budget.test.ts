import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countRequest, newRetryBudget, RETRY_RULES, takeRetry } from "./retry-budget.ts";

describe("a retry budget", () => {
  it("has one retry at the start and a fifth for each request", () => {
    let budget = takeRetry(newRetryBudget(0), 0)!;
    expect(takeRetry(budget, 0)).toBeNull();
    for (let i = 0; i < 4; i++) budget = countRequest(budget, 0);
    expect(takeRetry(budget, 0)).toBeNull();
    expect(takeRetry(countRequest(countRequest(budget, 0), 0), 0)).not.toBeNull();
  });
  it("fills with time, up to its bound", () => {
    const empty = { tokens: 0, at: 0 };
    expect(takeRetry(empty, 999)).toBeNull();
    expect(takeRetry(empty, 1000)).toEqual({ tokens: 0, at: 1000 });
    expect(countRequest(empty, 1e9).tokens).toBe(RETRY_RULES.most);
  });
  it("never gives more than the share, the start and the time allow", () => {
    const step = fc.tuple(fc.nat(300), fc.constantFrom("request", "retry"));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        let budget = newRetryBudget(0);
        let now = 0;
        let requests = 0;
        let retries = 0;
        for (const [wait, kind] of steps) {
          now += wait;
          if (kind === "request") {
            requests++;
            budget = countRequest(budget, now);
          } else {
            const next = takeRetry(budget, now);
            if (next !== null) retries++;
            budget = next ?? budget;
          }
          const allowed = RETRY_RULES.perSecond * (1 + now / 1000) + RETRY_RULES.share * requests;
          expect(retries).toBeLessThanOrEqual(allowed + 1e-6);
        }
      }),
    );
  });
});
