import { describe, expect, it } from "vitest";
import type { BackendSnapshot } from "../backend-snapshot.ts";
import type { RoutingRequest } from "../routing-request.ts";
import { backend, request, rules, snapshot, work } from "../testing/fixtures.ts";
import { isAllowed, refusals } from "./filters.ts";

const limits = (changes: object) => ({
  limits: { maxConcurrent: null, requestsPerMinute: null, tokensPerMinute: null, ...changes },
});
const price = { pricePerMillion: { input: 1, cachedInput: 0, output: 2 } };
const openai = { kind: "openai", capabilities: ["chat"] } as const;

const cases: [string, BackendSnapshot, Partial<RoutingRequest>, object, string | null][] = [
  ["a missing capability", snapshot("b", {}, openai), { needs: ["chat", "tools"] }, {}, "capability: it has no tools"],
  ["all capabilities", snapshot("b"), { needs: ["chat", "tools"] }, {}, null],
  [
    "an adapter elsewhere",
    snapshot("b", {}, openai),
    { adapter: "pirate" },
    {},
    "capability: it does not have the adapter pirate",
  ],
  ["an adapter loaded elsewhere", snapshot("b", { adapters: ["pirate"] }, openai), { adapter: "pirate" }, {}, null],
  ["an adapter our engine will load", snapshot("b"), { adapter: "pirate" }, {}, null],
  [
    "a region outside",
    snapshot("b"),
    { residency: { allowedRegions: ["there"], dataClass: null, allowUndefinedBoundary: null } },
    {},
    "residency: region here is not allowed; allowed: there",
  ],
  [
    "hardware demanded",
    snapshot("b", {}, { hardware: "cpu" }),
    {},
    { interactive: { hardware: ["gpu", "lpu"] } },
    "demand: hardware is cpu; interactive demands gpu, lpu",
  ],
  [
    "hardware unknown",
    snapshot("b"),
    {},
    { interactive: { hardware: ["gpu"] } },
    "demand: hardware is unknown; interactive demands gpu",
  ],
  [
    "purchase demanded",
    snapshot("b", {}, { purchase: "spot" }),
    {},
    { interactive: { purchase: ["on-demand"] } },
    "demand: purchase is spot; interactive demands on-demand",
  ],
  ["demands of another class", snapshot("b", {}, { hardware: "cpu" }), {}, { realtime: { hardware: ["gpu"] } }, null],
  [
    "a budget too small",
    snapshot("b", {}, price),
    { budgetLeftMicros: 299 },
    {},
    "budget: the request may cost 0.0003 and 0.000299 is left of the budget",
  ],
  ["a budget that suffices, nothing cached", snapshot("b", { prefixTokens: 100 }, price), { budgetLeftMicros: 300 }, {}, null],
  [
    "a budget and no price",
    snapshot("b", {}, { pricePerMillion: null }),
    { budgetLeftMicros: 1e9 },
    {},
    "budget: it has no price, and the caller has a budget",
  ],
  ["no price and no budget", snapshot("b", {}, { pricePerMillion: null }), {}, {}, null],
  ["one that failed the request", snapshot("b"), { avoided: ["b"] }, {}, "avoided: it failed this request"],
  ["one not ready", snapshot("b", { ready: false }), {}, {}, "health: it is not ready"],
  ["one draining", snapshot("b", { draining: true }), {}, {}, "health: it is draining"],
  ["an outlier", snapshot("b", { ejected: true }), {}, {}, "health: it fails more than its peers"],
  ["an open breaker", snapshot("b", { breaker: "no" }), {}, {}, "health: its circuit breaker is open"],
  ["a probe", snapshot("b", { breaker: "as-probe" }), {}, {}, null],
  [
    "too many at once",
    snapshot("b", work(1, 2), limits({ maxConcurrent: 2 })),
    {},
    {},
    "limits: maxConcurrent is 2, and it would be 3",
  ],
  ["room for one", snapshot("b", work(1, 1), limits({ maxConcurrent: 2 })), {}, {}, null],
  [
    "too many in a minute",
    snapshot("b", { lastMinute: { tokens: 0, requests: 9 } }, limits({ requestsPerMinute: 9 })),
    {},
    {},
    "limits: requestsPerMinute is 9, and it would be 10",
  ],
  [
    "too many tokens",
    snapshot("b", { lastMinute: { tokens: 900, requests: 1 } }, limits({ tokensPerMinute: 1000 })),
    {},
    {},
    "limits: tokensPerMinute is 1000, and it would be 1100",
  ],
  ["a single request above the limit", snapshot("b", {}, limits({ tokensPerMinute: 10 })), {}, {}, null],
];

describe("filters", () => {
  it.each(cases)("%s", (_, each, asked, demands, expected) => {
    const against = refusals(each, request(asked), rules("auto", demands)).map(({ message, rule }) => `${rule}: ${message}`);
    expect(against).toEqual(expected === null ? [] : [expected]);
    expect(isAllowed(each, request(asked), rules("auto", demands))).toBe(expected === null);
  });

  it("report every rule that is broken, with values", () => {
    const broken = { ...snapshot("b", { ready: false }), backend: backend("b", { ...openai, boundary: "undefined" }) };
    expect(refusals(broken, request({ needs: ["tools"] }), rules("auto"))).toEqual([
      { rule: "capability", message: "it has no tools", wanted: "tools", value: "chat" },
      {
        rule: "residency",
        message: "boundary is undefined; the policy does not allow undefined ones",
        wanted: "documented",
        value: "undefined",
      },
      { rule: "health", message: "it is not ready", wanted: "ready", value: "not ready" },
    ]);
  });
});
