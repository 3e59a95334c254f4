import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isEjected,
  NO_OUTLIERS,
  OUTLIER_RULES,
  type OutlierEvent,
  type OutlierState,
  reduceOutliers,
} from "./outlier-ejection.ts";

const members = (...ids: string[]) => reduceOutliers(NO_OUTLIERS, { kind: "members", ids }, 0);
const results = (state: OutlierState, id: string, good: number, bad: number, now = 0) => {
  const play = (from: OutlierState, ok: boolean, times: number) =>
    Array.from({ length: times }).reduce<OutlierState>((each) => reduceOutliers(each, { kind: "result", id, ok }, now), from);
  // Alternating with successes, so that no row of failures ejects it.
  let next = state;
  for (let left = bad; left > 0; left--) next = play(play(next, false, 1), true, good >= bad ? 1 : 0);
  return play(next, true, Math.max(0, good - bad));
};
const out = (state: OutlierState, now = 0) => [...state.keys()].filter((id) => isEjected(state, id, now));

describe("outlier ejection", () => {
  it("ejects after failures in a row, for longer each time", () => {
    const first = results(members("a", "b"), "a", 0, 5);
    expect(out(first)).toEqual(["a"]);
    expect(out(first, OUTLIER_RULES.firstEjectionMs)).toEqual([]);
    const second = results(first, "a", 0, 5, 40_000);
    expect(out(second, 40_000 + 2 * OUTLIER_RULES.firstEjectionMs - 1)).toEqual(["a"]);
    expect(out(second, 40_000 + 2 * OUTLIER_RULES.firstEjectionMs)).toEqual([]);
  });

  it("ejects no more than its share, and never a backend alone", () => {
    expect(out(results(members("a"), "a", 0, 50))).toEqual([]);
    const both = results(results(members("a", "b", "c"), "a", 0, 9), "b", 0, 9);
    expect(out(both)).toEqual(["a"]);
  });

  it("ejects whose success rate is far below the others'", () => {
    let state = members("a", "b", "c", "d", "e", "f");
    for (const id of ["a", "b", "c", "d", "e"]) state = results(state, id, 100, 0);
    state = reduceOutliers(results(state, "f", 60, 40), { kind: "interval" }, 5);
    expect(out(state, 5)).toEqual(["f"]);
    expect(state.get("a")).toMatchObject({ successes: 0, failures: 0 });
  });

  it("leaves alone who is a little worse, or was hardly asked", () => {
    let state = members("a", "b", "c", "d", "e", "f", "g");
    for (const id of ["a", "b", "c", "d", "e"]) state = results(state, id, 100, 0);
    state = results(results(state, "f", 95, 5), "g", 4, 4);
    expect(out(reduceOutliers(state, { kind: "interval" }, 5), 5)).toEqual([]);
  });

  it("forgets backends that are gone, and takes no results of strangers", () => {
    const state = results(members("a", "b"), "a", 0, 5);
    expect([...reduceOutliers(state, { kind: "members", ids: ["b"] }, 0).keys()]).toEqual(["b"]);
    expect(reduceOutliers(state, { kind: "result", id: "stranger", ok: false }, 0)).toBe(state);
  });

  it("keeps the share whatever comes", () => {
    const ids = ["a", "b", "c", "d", "e"];
    const event: fc.Arbitrary<OutlierEvent> = fc.oneof(
      {
        weight: 12,
        arbitrary: fc.record({ kind: fc.constant("result" as const), id: fc.constantFrom(...ids), ok: fc.boolean() }),
      },
      { weight: 1, arbitrary: fc.constant({ kind: "interval" } as const) },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 3000 }), event), { maxLength: 200 }), (steps) => {
        let now = 0;
        let state = members(...ids);
        for (const [wait, each] of steps) {
          now += wait;
          state = reduceOutliers(state, each, now);
          expect(out(state, now).length).toBeLessThanOrEqual(2);
          expect(state.size).toBe(ids.length);
        }
      }),
    );
  });
});
