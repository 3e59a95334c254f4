import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideRestart, type PastRun, REMEMBERED_RUNS, RESTART_RULES } from "./restart-policy.ts";

const served = (ms: number): PastRun => ({ startedAt: 0, readyAt: 100, endedAt: 100 + ms, hopeless: false });
const neverReady: PastRun = { startedAt: 0, readyAt: null, endedAt: 50, hopeless: false };

describe("decideRestart", () => {
  it("restarts at once after the first end, whatever it was", () => {
    expect(decideRestart([])).toEqual({ kind: "restart" });
    expect(decideRestart([served(5)])).toEqual({ kind: "restart" });
    expect(decideRestart([neverReady])).toEqual({ kind: "restart" });
  });

  it("waits longer with every further short run, up to the ceiling", () => {
    const waits = [2, 3, 4, 5, 6].map((count) => decideRestart(Array.from({ length: count }, () => served(5))));
    expect(waits).toEqual([100, 200, 400, 500, 500].map((ms) => ({ kind: "wait", ms })));
  });

  it("forgets short runs once a run was stable", () => {
    expect(decideRestart([served(5), served(5), served(5), served(RESTART_RULES.stableMs)])).toEqual({ kind: "restart" });
  });

  it("gives up after five runs in a row that never became ready", () => {
    expect(decideRestart([neverReady, neverReady, neverReady, neverReady]).kind).toBe("wait");
    expect(decideRestart(Array.from({ length: 5 }, () => neverReady))).toEqual({ kind: "give-up", failedStarts: 5 });
  });

  it("gives up at once when the process said that it is hopeless", () => {
    expect(decideRestart([{ ...neverReady, hopeless: true }])).toEqual({ kind: "give-up", failedStarts: 1 });
  });

  it("never gives up a replica that had become ready, never waits above the ceilings, and needs only the remembered runs", () => {
    const run = fc.record({
      startedAt: fc.constant(0),
      readyAt: fc.option(fc.nat(1000), { nil: null }),
      endedAt: fc.integer({ min: 1000, max: 30_000 }),
      hopeless: fc.constant(false),
    });
    fc.assert(
      fc.property(fc.array(run, { minLength: 1, maxLength: 40 }), (history) => {
        const decision = decideRestart(history);
        const last = history.at(-1)!;
        if (last.readyAt !== null) expect(decision.kind).not.toBe("give-up");
        if (decision.kind === "wait") {
          expect(decision.ms).toBeLessThanOrEqual(
            last.readyAt === null ? RESTART_RULES.maxWaitMs : RESTART_RULES.maxWaitAfterReadyMs,
          );
        }
        const remembered = decideRestart(history.slice(-REMEMBERED_RUNS));
        expect(remembered.kind).toBe(decision.kind);
        if (remembered.kind === "wait") expect(remembered).toEqual(decision);
      }),
    );
  });
});
