import { expect, it } from "vitest";
import { type Candidate, pickReplica } from "./pick-replica.ts";

const candidate = (changes: Partial<Candidate>): Candidate => ({
  state: "ready",
  outstanding: 0,
  lastLeasedAt: 0,
  avoided: false,
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
