import { describe, expect, it } from "vitest";
import { chance, request, snapshot, work } from "../testing/fixtures.ts";
import { AFFINITY_SLACK_TOKENS } from "./affinity.ts";
import { SCORERS } from "./scorers.ts";

const tally = (times: number, pick: (index: number) => number) => {
  const counts = new Map<number, number>();
  for (let i = 0; i < times; i++) counts.set(pick(i), (counts.get(pick(i)) ?? 0) + 1);
  return counts;
};
const cheapestAt = (costs: readonly (number | null)[]) => {
  const least = Math.min(...costs.flatMap((cost) => cost ?? []));
  return costs.indexOf(least);
};
const abc = [snapshot("a"), snapshot("b"), snapshot("c")];

describe("round-robin", () => {
  it("takes turns", () => {
    expect([0, 1, 2, 3].map((turn) => cheapestAt(SCORERS["round-robin"](abc, request(), chance(turn))))).toEqual([0, 1, 2, 0]);
  });
});

describe("least-work", () => {
  it("counts tokens with this request's, less what is held of its prompt", () => {
    const candidates = [
      snapshot("a", work(50)),
      snapshot("b", { ...work(100), prefixTokens: 90 }),
      snapshot("c", { prefixTokens: 500 }),
    ];
    expect(SCORERS["least-work"](candidates, request(), chance())).toEqual([250, 210, 100]);
  });
  it("counts them for the capacity: weight, and age", () => {
    const candidates = [snapshot("a", {}, { weight: 2 }), snapshot("b", { readyForMs: 15_000 })];
    expect(SCORERS["least-work"](candidates, request(), chance())).toEqual([100, 400]);
  });
});

describe("power-of-two", () => {
  const candidates = [10, 20, 30, 40, 50].map((ms, index) => snapshot(`b${index}`, { firstTokenMs: ms }));
  it("compares two that differ, and every two in time", () => {
    const pairs = new Set<string>();
    for (let i = 0; i < 1000; i++) {
      const costs = SCORERS["power-of-two"](candidates, request(), chance(0, i / 1000));
      const compared = costs.flatMap((cost, index) => (cost === null ? [] : [index]));
      expect(compared).toHaveLength(2);
      pairs.add(compared.join());
    }
    expect(pairs.size).toBe(10);
  });
  it("counts a wait for each request in line, and nothing where nothing is known", () => {
    const two = [snapshot("a", { ...work(1, 2), firstTokenMs: 100 }), snapshot("b", work(1, 9))];
    expect(SCORERS["power-of-two"](two, request(), chance())).toEqual([300, 0]);
  });
});

describe("cheapest", () => {
  it("is the price of the request, with what is held at the cached price; unknown is last", () => {
    const price = { pricePerMillion: { input: 3, cachedInput: 1, output: 5 } };
    const candidates = [
      snapshot("a", {}, price),
      snapshot("b", { prefixTokens: 60 }, price),
      snapshot("c", {}, { pricePerMillion: null }),
    ];
    expect(SCORERS.cheapest(candidates, request(), chance())).toEqual([800, 680, Number.MAX_SAFE_INTEGER]);
  });
});

describe("affinity", () => {
  const holder = (ahead: number) => [
    snapshot("a", { ...work(1000 + ahead), prefixTokens: 80, adapters: ["pirate"] }),
    snapshot("b", work(1000)),
  ];
  it("draws to the longest prefix until its holder is too far ahead", () => {
    expect(SCORERS["prefix-affinity"](holder(AFFINITY_SLACK_TOKENS), request(), chance())).toEqual([0, 80]);
    expect(SCORERS["prefix-affinity"](holder(AFFINITY_SLACK_TOKENS + 1), request(), chance())).toEqual([0, 0]);
  });
  it("draws to a loaded adapter in the same way, and only for requests that want it", () => {
    const asked = request({ adapter: "pirate" });
    expect(SCORERS["adapter-affinity"](holder(AFFINITY_SLACK_TOKENS), asked, chance())).toEqual([0, 1]);
    expect(SCORERS["adapter-affinity"](holder(AFFINITY_SLACK_TOKENS + 1), asked, chance())).toEqual([0, 0]);
    expect(SCORERS["adapter-affinity"](holder(0), request(), chance())).toEqual([0, 0]);
  });
});

describe("weights", () => {
  it("picks each in proportion", () => {
    const candidates = [snapshot("a"), snapshot("b", {}, { weight: 3 }), snapshot("c", {}, { weight: 6 })];
    const counts = tally(20_000, (i) => cheapestAt(SCORERS.weights(candidates, request(), chance(0, i / 20_000))));
    for (const [index, share] of [0.1, 0.3, 0.6].entries()) expect((counts.get(index) ?? 0) / 20_000).toBeCloseTo(share, 1);
  });
});

describe("class", () => {
  const kinds = [
    snapshot("lpu", {}, { hardware: "lpu" }),
    snapshot("gpu", {}, { hardware: "gpu" }),
    snapshot("gpu-spot", {}, { hardware: "gpu", purchase: "spot" }),
    snapshot("unknown"),
    snapshot("cpu", {}, { hardware: "cpu" }),
    snapshot("cpu-spot", {}, { hardware: "cpu", purchase: "spot" }),
  ];
  const order = (by: "realtime" | "batch") => {
    const costs = SCORERS.class(kinds, request({ class: by }), chance());
    return kinds
      .map(({ backend }, index) => [backend.id, costs[index]!] as const)
      .sort((a, b) => a[1] - b[1])
      .map(([id]) => id);
  };
  it("prefers fast and lasting hardware for realtime", () =>
    expect(order("realtime")).toEqual(["lpu", "gpu", "gpu-spot", "unknown", "cpu", "cpu-spot"]));
  it("prefers CPU and spot for batch", () =>
    expect(order("batch")).toEqual(["cpu-spot", "cpu", "unknown", "gpu-spot", "gpu", "lpu"]));
  it("has no preference for interactive", () => expect(new Set(SCORERS.class(kinds, request(), chance())).size).toBe(1));
});
