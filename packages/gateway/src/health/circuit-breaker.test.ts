import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BREAKER_RULES,
  type BreakerEvent,
  type BreakerState,
  breakerAdmits,
  breakerAt,
  CLOSED_BREAKER,
  reduceBreaker,
} from "./circuit-breaker.ts";

const failure = (probe = false, retryAfterMs: number | null = null): BreakerEvent => ({ kind: "failure", probe, retryAfterMs });
const success = (probe = false): BreakerEvent => ({ kind: "success", probe });
const attempt: BreakerEvent = { kind: "attempt" };

/** Plays `[at, event]` pairs. */
const play = (steps: readonly (readonly [number, BreakerEvent])[], from: BreakerState = CLOSED_BREAKER) =>
  steps.reduce((state, [at, event]) => reduceBreaker(state, event, at), from);
const fiveFailures = [1, 2, 3, 4, 5].map((at) => [at, failure()] as const);

describe("a circuit breaker", () => {
  it("opens at the fifth failure in a row, and not when a success comes between", () => {
    expect(play(fiveFailures.slice(1)).kind).toBe("closed");
    expect(play(fiveFailures)).toEqual({ kind: "open", until: 1005, trips: 1 });
    expect(play([...fiveFailures.slice(1), [5, success()], [6, failure()]]).kind).toBe("closed");
  });

  it("gives one probe after the cool-down", () => {
    const open = play(fiveFailures);
    expect(breakerAdmits(open, 1004)).toBe("no");
    expect(breakerAdmits(open, 1005)).toBe("as-probe");
    const probing = reduceBreaker(open, attempt, 1005);
    expect(breakerAdmits(probing, 1006)).toBe("no");
  });

  it("closes by the probe's success and opens for twice as long by its failure", () => {
    const probing = play([...fiveFailures, [1005, attempt]]);
    expect(reduceBreaker(probing, success(true), 1010)).toEqual({ kind: "closed", failures: 0, trips: 1, since: 1010 });
    expect(reduceBreaker(probing, failure(true), 1010)).toEqual({ kind: "open", until: 3010, trips: 2 });
  });

  it("heeds the probe alone while it is half open", () => {
    const probing = play([...fiveFailures, [1005, attempt]]);
    expect(reduceBreaker(probing, success(), 1010)).toEqual(probing);
    expect(reduceBreaker(probing, failure(), 1010)).toEqual(probing);
  });

  it("gives another probe when one is lost", () => {
    const probing = play([...fiveFailures, [1005, attempt]]);
    expect(breakerAdmits(probing, 1005 + BREAKER_RULES.probeMs)).toBe("as-probe");
  });

  it("opens at once where the backend says for how long, within the bound", () => {
    expect(play([[0, failure(false, 7000)]])).toMatchObject({ kind: "open", until: 7000 });
    expect(play([[0, failure(false, 1e9)]])).toMatchObject({ until: BREAKER_RULES.maxCoolDownMs });
  });

  it("forgets its trips after a long quiet time", () => {
    const closed: BreakerState = { kind: "closed", failures: 4, trips: 5, since: 0 };
    expect(reduceBreaker(closed, failure(), 1000)).toMatchObject({ until: 1000 + 32_000 });
    expect(reduceBreaker(closed, failure(), BREAKER_RULES.forgetMs)).toMatchObject({ trips: 1 });
  });

  it("never lets two probes be out, never stays open past the longest cool-down", () => {
    const step = fc.record({
      wait: fc.integer({ min: 0, max: 20_000 }),
      event: fc.oneof(
        fc.constant(attempt),
        fc.boolean().map(success),
        fc.tuple(fc.boolean(), fc.option(fc.integer({ min: 0, max: 1e7 }))).map(([probe, after]) => failure(probe, after)),
      ),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let state = CLOSED_BREAKER;
        let now = 0;
        for (const { wait, event } of steps) {
          now += wait;
          const before = breakerAt(state, now);
          const admits = breakerAdmits(state, now);
          state = reduceBreaker(state, event, now);
          if (event.kind === "attempt" && admits === "as-probe") expect(breakerAdmits(state, now)).toBe("no");
          // An open breaker changes by time alone.
          if (before.kind === "open") expect(state).toEqual(before);
          if (state.kind === "open") {
            expect(state.until - now).toBeLessThanOrEqual(BREAKER_RULES.maxCoolDownMs);
            expect(breakerAdmits(state, state.until)).toBe("as-probe");
          }
        }
      }),
    );
  });
});
