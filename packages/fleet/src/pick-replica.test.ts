import { expect, it } from "vitest";
import { type Candidate, pickReplica } from "./pick-replica.ts";

const candidate = (changes: Partial<Candidate>): Candidate => ({
  state: "ready",
  outstanding: 0,
  lastLeasedAt: 0,
  avoided: false,
  heldTokens: 0,
  ...changes,
});

it("picks the least busy ready replica, and of equals the one that rested longest", () => {
  const loading = candidate({ state: "loading" });
  const busy = candidate({ outstanding: 2 });
  const recent = candidate({ outstanding: 1, lastLeasedAt: 9 });
  const rested = candidate({ outstanding: 1, lastLeasedAt: 3 });
  expect(pickReplica([loading, busy, recent, rested])).toBe(rested);
});

it("picks none that is avoided or not ready", () => {
  expect(
    pickReplica([candidate({ avoided: true }), candidate({ state: "draining" }), candidate({ state: "failed" })]),
  ).toBeNull();
  expect(pickReplica([])).toBeNull();
});

it("prefers who holds the prompt, and waits for it no longer than that is worth", () => {
  const holder = (heldTokens: number, outstanding: number) => candidate({ heldTokens, outstanding, lastLeasedAt: 9 });
  const idle = candidate({});
  const pick = (heldTokens: number, ahead: number) => {
    const held = holder(heldTokens, ahead);
    return pickReplica([idle, held]) === held;
  };
  expect([pick(20, 0), pick(20, 1)]).toEqual([true, false]);
  expect([pick(600, 2), pick(600, 3)]).toEqual([true, false]);
  expect([pick(1_000_000, 3), pick(1_000_000, 5)]).toEqual([true, false]);
});
