import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { explain } from "./explain.ts";
import { pickBackend } from "./pick-backend.ts";
import { combineResidency } from "./residency.ts";
import type { RoutingRequest } from "./routing-request.ts";
import { anyChance, anyPolicy, anyRequest, anyRules, anySnapshots } from "./testing/arbitraries.ts";
import { mayReach } from "./testing/may-reach.ts";

const RUNS = { numRuns: 600 };
const anyChoice = [anyRules, anyRequest, anySnapshots, anyChance] as const;

describe("routing", () => {
  it("never picks a backend outside the residency policy", () => {
    let picks = 0;
    let forbidden = 0;
    fc.assert(
      fc.property(...anyChoice, (rules, request, snapshots, chance) => {
        const picked = pickBackend(rules, request, snapshots, chance);
        forbidden += snapshots.filter(({ backend }) => !mayReach(request.residency, backend)).length;
        if (picked === null) return;
        picks++;
        expect(mayReach(request.residency, picked.backend)).toBe(true);
      }),
      RUNS,
    );
    // The law says something only where there was a choice to make and a mistake to avoid.
    expect(picks).toBeGreaterThan(RUNS.numRuns / 5);
    expect(forbidden).toBeGreaterThan(RUNS.numRuns / 2);
  });

  it("keeps to it through retries: whatever fails, each next pick is allowed, and none twice", () => {
    fc.assert(
      fc.property(...anyChoice, anyPolicy, (rules, request, snapshots, chance, organisation) => {
        // As the gateway does: the organisation grants, the request only narrows.
        const residency = combineResidency([organisation], request.residency);
        let now: RoutingRequest = { ...request, residency };
        for (let attempt = 0; attempt <= snapshots.length; attempt++) {
          const picked = pickBackend(rules, now, snapshots, { ...chance, turn: chance.turn + attempt });
          if (picked === null) return;
          expect(mayReach(organisation, picked.backend) || residency.allowUndefinedBoundary).toBeTruthy();
          expect(mayReach(now.residency, picked.backend)).toBe(true);
          expect(now.avoided).not.toContain(picked.backend.id);
          now = { ...now, avoided: [...now.avoided, picked.backend.id] };
        }
        expect.unreachable("more picks than backends");
      }),
      RUNS,
    );
  });

  it("is explained as it is done", () => {
    fc.assert(
      fc.property(...anyChoice, (rules, request, snapshots, chance) => {
        const picked = pickBackend(rules, request, snapshots, chance)?.backend.id ?? null;
        const decision = explain(rules, request, snapshots, chance);
        expect(decision.picked).toBe(picked);
        expect(decision.backends.map(({ id }) => id)).toEqual(snapshots.map(({ backend }) => backend.id));
        const allowed = decision.backends.filter((each) => each.allowed).map(({ id }) => id);
        expect(picked === null).toBe(allowed.length === 0);
        for (const { allowed: is, refusals } of decision.backends) expect(is).toBe(refusals.length === 0);
        if (allowed.length > 1) expect(decision.steps.at(-1)?.kept).toEqual([picked]);
        // An audit log is JSON: nothing may get lost on the way.
        expect(JSON.parse(JSON.stringify(decision))).toEqual(decision);
      }),
      RUNS,
    );
  });

  it("is a function of what it is given", () => {
    fc.assert(
      fc.property(...anyChoice, (rules, request, snapshots, chance) => {
        const again = pickBackend(rules, request, structuredClone(snapshots), chance);
        expect(again?.backend.id).toBe(pickBackend(rules, request, snapshots, chance)?.backend.id);
      }),
    );
  });
});
