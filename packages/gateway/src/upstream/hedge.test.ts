import { systemClock } from "@arriero/fleet";
import { ArrieroError, type GenerationEvent, type GenerationRequest } from "@arriero/spec";
import { describe, expect, it } from "vitest";
import { GATEWAY_LIMITS } from "../gateway-limits.ts";
import { requestOf, scriptedEvents } from "../testing/scripted-generation.ts";
import { continueGeneration, type LentUpstream, type PickUpstream } from "./continuation.ts";
import { hedged } from "./hedge.ts";
import { UpstreamBroken } from "./upstream-broken.ts";

type Habit = "quick" | "slow" | "never" | "fails" | "fails late" | "breaks after two";

function upstream(id: string, habit: Habit) {
  const seen = { requests: 0, cancelled: 0, released: 0 };
  async function* generate(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent, void, void> {
    seen.requests++;
    const died = () => new UpstreamBroken(new ArrieroError("replica_failed", `${id} died`));
    const left = new Promise<never>((_, reject) =>
      signal.addEventListener("abort", () => {
        seen.cancelled++;
        reject(ArrieroError.wrap(signal.reason));
      }),
    );
    left.catch(() => undefined);
    const wait = (ms: number) => Promise.race([left, new Promise((resolve) => setTimeout(resolve, ms))]);
    if (habit === "fails") throw died();
    for (const [index, event] of scriptedEvents(request).entries()) {
      if (index === 1 && habit === "never") await left;
      if (index === 1 && habit === "slow") await wait(200);
      if (index === 1 && habit === "fails late") {
        await wait(40);
        throw died();
      }
      if (index === 4 && habit === "breaks after two" && request.resume === null) throw died();
      yield event;
    }
  }
  const capabilities = { exactResume: true, assistantPrefill: false, honoursSeed: true };
  const lent: LentUpstream = {
    name: id,
    upstream: { id, capabilities, generate, embed: () => Promise.reject(new Error("not asked")) },
    release: () => void seen.released++,
  };
  return { seen, lent };
}

async function ask(habits: readonly Habit[], { budget = 1, afterMs = 10 } = {}) {
  const all = habits.map((habit, index) => upstream(`u${index}`, habit));
  const pick: PickUpstream = async (avoid) => {
    const free = all.find(({ lent }) => (avoid.get(lent.upstream.id) ?? 0) <= Date.now());
    if (free === undefined) throw new ArrieroError("replica_unavailable", "none");
    return free.lent;
  };
  const won: string[] = [];
  let left = budget;
  const hedging = hedged(pick, {
    afterMs,
    clock: systemClock,
    mayHedge: () => left-- > 0,
    onWinner: ({ name }, which) => won.push(`${which}: ${name}`),
  });
  const request = requestOf();
  const options = { limits: GATEWAY_LIMITS, clock: systemClock, signal: new AbortController().signal };
  const events: GenerationEvent[] = [];
  let error: unknown = null;
  try {
    for await (const event of continueGeneration(request, { ...options, pick: hedging })) events.push(event);
  } catch (thrown) {
    error = thrown;
  }
  const untimed = (list: readonly GenerationEvent[]) =>
    list.map((event) => (event.type === "usage" ? { ...event, timings: 0 } : event));
  return {
    whole: JSON.stringify(untimed(events)) === JSON.stringify(untimed(scriptedEvents(request))),
    error,
    won,
    seen: all.map(({ seen }) => seen),
  };
}

describe("a hedged first token", () => {
  it("asks nobody else where the first is quick", async () => {
    const { seen, whole, won } = await ask(["quick", "quick"], { afterMs: 5_000 });
    expect([whole, won, seen.map(({ requests }) => requests)]).toEqual([true, [], [1, 0]]);
  });

  it("takes the second's answer where the first is slow, cancels the first, and gives both back once", async () => {
    const { seen, whole, won } = await ask(["never", "quick"]);
    expect([whole, won]).toEqual([true, ["second: u1"]]);
    expect(seen[0]).toEqual({ requests: 1, cancelled: 1, released: 1 });
    expect(seen[1]).toMatchObject({ requests: 1, released: 1 });
  });

  it("takes the first's answer where it is faster after all, and cancels the second", async () => {
    const { seen, whole, won } = await ask(["slow", "never"]);
    expect([whole, won]).toEqual([true, ["first: u0"]]);
    expect(seen[1]).toEqual({ requests: 1, cancelled: 1, released: 1 });
    expect(seen[0]!.released).toBe(1);
  });

  it("asks nobody else once the budget is spent", async () => {
    const { seen, whole, won } = await ask(["slow", "quick"], { budget: 0 });
    expect([whole, won, seen[1]!.requests]).toEqual([true, [], 0]);
  });

  it("waits where there is nobody else", async () => {
    expect(await ask(["slow"])).toMatchObject({ whole: true, won: [] });
  });

  it("waits for the slow one when its rival fails, and the other way round", async () => {
    expect(await ask(["slow", "fails"])).toMatchObject({ whole: true, won: ["first: u0"] });
    expect(await ask(["fails late", "slow"])).toMatchObject({ whole: true, won: ["second: u1"] });
  });

  it("goes on elsewhere when the winner breaks, and does not ask it again", async () => {
    const { seen, whole } = await ask(["slow", "breaks after two"]);
    expect(whole).toBe(true);
    expect(seen[1]).toMatchObject({ requests: 1, released: 1 });
    expect(seen.every(({ released, requests }) => released === requests)).toBe(true);
  });
});
