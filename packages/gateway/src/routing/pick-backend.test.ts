import { RoutingPolicyName } from "@arriero/spec";
import { describe, expect, it } from "vitest";
import { pickBackend } from "./pick-backend.ts";
import { ROUTING_POLICIES } from "./policies.ts";
import { AFFINITY_SLACK_TOKENS } from "./scorers/affinity.ts";
import { chance, request, rules, snapshot, work } from "./testing/fixtures.ts";

const pick = (policy: RoutingPolicyName, snapshots: Parameters<typeof pickBackend>[2], asked = request(), turn = 0) =>
  pickBackend(rules(policy), asked, snapshots, chance(turn))?.backend.id ?? null;

describe("pickBackend", () => {
  it("picks none of none", () => expect(pick("auto", [])).toBeNull());

  it("shares equals out in turns under every policy that counts", () => {
    const equals = [snapshot("a"), snapshot("b"), snapshot("c")];
    for (const policy of ["auto", "round-robin", "least-work", "cheapest", "prefix-affinity"] as const) {
      expect([0, 1, 2, 3].map((turn) => pick(policy, equals, request(), turn))).toEqual(["a", "b", "c", "a"]);
    }
  });

  it("lets a class fall back where what it prefers is not allowed", () => {
    const gpu = snapshot("gpu", { ready: false }, { hardware: "gpu" });
    const cpu = snapshot("cpu", {}, { hardware: "cpu" });
    expect(pick("auto", [gpu, cpu], request({ class: "realtime" }))).toBe("cpu");
    expect(pick("auto", [{ ...gpu, ready: true }, cpu], request({ class: "realtime" }))).toBe("gpu");
    expect(pick("auto", [{ ...gpu, ready: true }, cpu], request({ class: "batch" }))).toBe("cpu");
  });

  it("auto: adapter before prefix before least work", () => {
    const adapter = snapshot("adapter", { ...work(300), adapters: ["pirate"] });
    const prefix = snapshot("prefix", { ...work(200), prefixTokens: 64 });
    const idle = snapshot("idle");
    expect(pick("auto", [idle, prefix, adapter], request({ adapter: "pirate" }))).toBe("adapter");
    expect(pick("auto", [idle, prefix, adapter])).toBe("prefix");
    expect(pick("auto", [snapshot("busy", work(9)), idle])).toBe("idle");
  });

  it("cheapest: price before class, least work among equals", () => {
    const price = (input: number) => ({ pricePerMillion: { input, cachedInput: null, output: 0 } });
    const dear = snapshot("dear", {}, { ...price(2), hardware: "lpu" });
    const busy = snapshot("busy", work(50), price(1));
    expect(pick("cheapest", [dear, busy, snapshot("calm", {}, price(1))], request({ class: "realtime" }))).toBe("calm");
  });

  it("prefix-affinity: the longest held, until its holder has too much to do", () => {
    const half = snapshot("half", { prefixTokens: 50 });
    const all = (tokens: number) => snapshot("all", { ...work(tokens), prefixTokens: 90 });
    expect(pick("prefix-affinity", [half, all(AFFINITY_SLACK_TOKENS), snapshot("none")])).toBe("all");
    expect(pick("prefix-affinity", [half, all(AFFINITY_SLACK_TOKENS + 1), snapshot("none")])).toBe("half");
  });

  it("latency: the quicker of two", () => {
    expect(pick("latency", [snapshot("slow", { firstTokenMs: 900 }), snapshot("quick", { firstTokenMs: 90 })])).toBe("quick");
  });

  it("declares every policy, each with turns at its end", () => {
    expect(Object.keys(ROUTING_POLICIES)).toEqual(RoutingPolicyName.options);
    for (const policy of Object.values(ROUTING_POLICIES)) expect(policy.at(-1)).toBe("round-robin");
  });
});
