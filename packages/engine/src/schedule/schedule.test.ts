import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RunningView } from "./schedule.ts";
import { choosePaused, choosePreempted, planStep, prefillBudget } from "./schedule.ts";

const view = (key: number, prefillLeft: number, more: Partial<RunningView> = {}): RunningView => ({
  key,
  prefillLeft,
  priority: "interactive",
  adapter: "",
  admitted: key,
  ...more,
});
const snapshot = (running: RunningView[], budget = 64, turns = new Map<string, number>()) => ({
  running,
  adapterTurns: turns,
  batchTokens: 512,
  prefillBudget: budget,
  mixesPhases: true,
  mixesAdapters: false,
  lastPhase: "decode" as const,
});

describe("planStep", () => {
  test("a long prompt beside running streams is cut to the budget, and every stream advances", () => {
    const plan = planStep(snapshot([view(1, 0), view(2, 0), view(3, 3000)]));
    expect(plan).toEqual({ decode: [1, 2], prefill: [{ key: 3, tokens: 64 }] });
  });

  test("where phases do not mix, steps alternate and the chunk stays bounded", () => {
    const running = [view(1, 0), view(2, 0), view(3, 3000)];
    const apart = { ...snapshot(running), mixesPhases: false };
    expect(planStep(apart)).toEqual({ decode: [], prefill: [{ key: 3, tokens: 64 }] });
    expect(planStep({ ...apart, lastPhase: "prefill" })).toEqual({ decode: [1, 2], prefill: [] });
    expect(planStep({ ...apart, running: [view(1, 0)] })?.decode).toEqual([1]);
    expect(planStep({ ...apart, running: [view(3, 3000)], lastPhase: "prefill" })?.prefill).toEqual([{ key: 3, tokens: 512 }]);
  });

  test("a burst of prompts gets more than one budget beside few streams, but never more than four", () => {
    const burst = (decoding: number, prompts: number) => {
      const running = Array.from({ length: decoding + prompts }, (_, key) => view(key, key < decoding ? 0 : 40));
      return planStep(snapshot(running))?.prefill.reduce((sum, chunk) => sum + chunk.tokens, 0);
    };
    expect([burst(1, 1), burst(1, 3), burst(1, 31), burst(8, 16), burst(16, 16)]).toEqual([40, 120, 256, 128, 64]);
  });

  test("alone, a prompt takes the whole batch", () => {
    expect(planStep(snapshot([view(3, 3000)]))?.prefill).toEqual([{ key: 3, tokens: 512 }]);
  });

  test("prefill is first come first served within a class, and realtime goes first", () => {
    const plan = planStep(snapshot([view(1, 40), view(2, 40), view(3, 40, { priority: "realtime" })], 64));
    expect(plan?.prefill.map((chunk) => chunk.key)).toEqual([3, 1, 2]);
  });

  test("adapters take turns, the one that waited longest first", () => {
    const running = [view(1, 0), view(2, 0, { adapter: "pirate" })];
    expect(
      planStep(
        snapshot(
          running,
          64,
          new Map([
            ["", 5],
            ["pirate", 4],
          ]),
        ),
      )?.decode,
    ).toEqual([2]);
    expect(
      planStep(
        snapshot(
          running,
          64,
          new Map([
            ["", 5],
            ["pirate", 6],
          ]),
        ),
      )?.decode,
    ).toEqual([1]);
  });

  test("where adapters mix, all of them decode in one step", () => {
    const running = [view(1, 0), view(2, 0, { adapter: "pirate" }), view(3, 40, { adapter: "terse" })];
    const plan = planStep({ ...snapshot(running), mixesAdapters: true });
    expect(plan).toEqual({ decode: [1, 2], prefill: [{ key: 3, tokens: 40 }] });
  });

  test("law: a plan fits the batch, names each sequence once, and does something", () => {
    const arbitrary = fc.array(
      fc.record({
        prefillLeft: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 4000 })),
        adapter: fc.constantFrom("", "a", "b"),
        priority: fc.constantFrom<RunningView["priority"]>("realtime", "interactive", "batch"),
      }),
      { minLength: 1, maxLength: 64 },
    );
    fc.assert(
      fc.property(arbitrary, fc.integer({ min: 1, max: 512 }), fc.boolean(), (specs, budget, mixesAdapters) => {
        const running = specs.map((spec, i) => view(i, spec.prefillLeft, spec));
        const plan = planStep({ ...snapshot(running, budget), mixesAdapters })!;
        const keys = [...plan.decode, ...plan.prefill.map((chunk) => chunk.key)];
        expect(new Set(keys).size).toBe(keys.length);
        expect(keys.length).toBeGreaterThan(0);
        const prefill = plan.prefill.reduce((sum, chunk) => sum + chunk.tokens, 0);
        expect(plan.decode.length + prefill).toBeLessThanOrEqual(512);
        if (plan.decode.length > 0) expect(prefill).toBeLessThanOrEqual(4 * budget);
        if (!mixesAdapters) expect(new Set(keys.map((key) => running[key]!.adapter)).size).toBe(1);
      }),
    );
  });
});

test("who yields: the least urgent and latest; a pause needs a strictly more urgent request", () => {
  const running = [view(1, 0), view(2, 0, { priority: "batch" }), view(3, 0, { priority: "batch" })];
  expect(choosePreempted(running, 3)).toBe(2);
  expect(choosePreempted([view(1, 0)], 1)).toBeNull();
  expect(choosePaused(running, "interactive")).toBe(3);
  expect(choosePaused([view(1, 0)], "interactive")).toBeNull();
});

test("the prefill budget follows the measured speed within its bounds", () => {
  expect(prefillBudget(100, null, 16, 512)).toBe(64);
  expect(prefillBudget(100, 1, 16, 512)).toBe(96);
  expect(prefillBudget(100, 50, 16, 512)).toBe(16);
  expect(prefillBudget(100, 0.01, 16, 512)).toBe(512);
});
