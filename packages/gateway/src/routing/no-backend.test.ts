import { expect, it } from "vitest";
import { explain } from "./explain.ts";
import { noBackend } from "./no-backend.ts";
import { chance, request, rules, snapshot } from "./testing/fixtures.ts";

const residency = { allowedRegions: ["there"], dataClass: null, allowUndefinedBoundary: null };
const error = (snapshots: Parameters<typeof explain>[2], asked = request()) =>
  noBackend("m", explain(rules("auto"), asked, snapshots, chance()));

it("speaks of the backend that came nearest", () => {
  const elsewhere = snapshot("elsewhere", {}, { regions: ["far"] });
  const down = snapshot("down", { ready: false }, { regions: ["there"] });
  expect(error([elsewhere, down], request({ residency })).body).toMatchObject({
    code: "replica_unavailable",
    message: "None of the 2 backends of m may take this request; the nearest was down: it is not ready.",
  });
});

it.each([
  ["forbidden", [snapshot("a")], { residency }],
  ["unsupported", [snapshot("a", {}, { capabilities: ["chat"] })], { needs: ["rerank" as const] }],
  ["replica_failed", [snapshot("a")], { avoided: ["a"] }],
  ["forbidden", [snapshot("a", {}, { pricePerMillion: null })], { budgetLeftMicros: 1 }],
  ["replica_unavailable", [], {}],
])("is %s", (code, snapshots, asked) => expect(error(snapshots, request(asked)).code).toBe(code));

it("says when to come again where a limit was reached", () => {
  const limits = { maxConcurrent: 1, requestsPerMinute: null, tokensPerMinute: null };
  const full = snapshot("a", { outstanding: { tokens: 1, requests: 1 } }, { limits });
  expect(error([full]).body).toMatchObject({ code: "rate_limited", retryAfter: 5 });
});
