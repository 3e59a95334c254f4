import { systemClock } from "@arriero/fleet";
import { ArrieroError, type GenerationEvent, type GenerationRequest } from "@arriero/spec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GATEWAY_LIMITS } from "../gateway-limits.ts";
import { requestOf, scriptedEvents } from "../testing/scripted-generation.ts";
import { continueGeneration, type PickUpstream } from "./continuation.ts";
import { UpstreamBroken } from "./upstream-broken.ts";

type Attempt = (request: GenerationRequest, patienceMs: number | null) => AsyncIterable<GenerationEvent>;

/** Every attempt is made by another replica of ours. */
function replicas(attempt: Attempt): PickUpstream {
  let next = 0;
  return async (_avoid, patienceMs) => ({
    upstream: {
      id: `r-${next++}`,
      capabilities: { exactResume: true, assistantPrefill: false, honoursSeed: true },
      async *generate(request) {
        yield* attempt(request, patienceMs);
      },
      embed: () => Promise.reject(new Error("not asked")),
    },
    release: () => undefined,
  });
}

const died = () => new UpstreamBroken(new ArrieroError("replica_failed", "it died"));

/** An upstream whose k-th attempt breaks after `cuts[k]` events; attempts beyond the list are whole. */
function breaking(cuts: readonly number[], seen: GenerationRequest[] = []): Attempt {
  let next = 0;
  return async function* (request) {
    seen.push(request);
    const cut = cuts[next++] ?? Number.POSITIVE_INFINITY;
    for (const [index, event] of scriptedEvents(request).entries()) {
      if (index >= cut) throw died();
      yield event;
    }
  };
}

const options = (attempt: Attempt, limits = GATEWAY_LIMITS, clock = systemClock) => ({
  pick: replicas(attempt),
  limits,
  clock,
  signal: new AbortController().signal,
});

async function collect(request: GenerationRequest, attempt: Attempt, limits = GATEWAY_LIMITS): Promise<GenerationEvent[]> {
  const events: GenerationEvent[] = [];
  for await (const event of continueGeneration(request, options(attempt, limits))) events.push(event);
  return events;
}

/** Timings are measured, not counted. */
const untimed = (events: readonly GenerationEvent[]) =>
  events.map((event) => (event.type === "usage" ? { ...event, timings: null } : event));

describe("continueGeneration", () => {
  it("passes an unbroken generation through as it is", async () => {
    const request = requestOf({ n: 2 });
    expect(await collect(request, breaking([]))).toEqual(scriptedEvents(request));
  });

  it("shows the same events wherever the first attempt is cut", async () => {
    for (const n of [1, 3]) {
      const request = requestOf({ n });
      const whole = scriptedEvents(request);
      for (let cut = 0; cut < whole.length; cut++) {
        expect(untimed(await collect(request, breaking([cut]))), `cut after ${cut}`).toEqual(untimed(whole));
      }
    }
  });

  it("shows the same events after any number of cuts", async () => {
    const limits = { ...GATEWAY_LIMITS, continueAttempts: 100, continueBreaks: 100 };
    const cuts = fc.array(fc.nat(12), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(cuts, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 }), async (list, n, seed) => {
        const request = requestOf({ n, sampling: { seed } });
        const events = await collect(request, breaking(list), limits);
        expect(untimed(events)).toEqual(untimed(scriptedEvents(request)));
      }),
    );
  });

  it("asks the next replica for what follows the tokens emitted, and changes nothing else", async () => {
    const seen: GenerationRequest[] = [];
    const request = requestOf();
    await collect(request, breaking([0, 1, 3], seen));
    expect(seen.slice(0, 3)).toEqual([request, request, request]);
    expect(seen[3]).toEqual({ ...request, resume: { tokens: [[700, 701, 702]], promptTokens: null } });
  }, 5_000);

  it("needs no further attempt when only the usage was lost", async () => {
    const seen: GenerationRequest[] = [];
    const request = requestOf();
    const whole = scriptedEvents(request);
    expect(untimed(await collect(request, breaking([whole.length - 1], seen)))).toEqual(untimed(whole));
    expect(seen).toHaveLength(1);
  });

  it("gives up after three attempts without a new token, with the last break's error", async () => {
    const seen: GenerationRequest[] = [];
    await expect(collect(requestOf(), breaking([0, 0, 0, 0], seen))).rejects.toMatchObject({ code: "replica_failed" });
    expect(seen).toHaveLength(3);
  });

  it("counts anew after progress, up to the bound on all breaks", async () => {
    const seen: GenerationRequest[] = [];
    const limits = { ...GATEWAY_LIMITS, continueBreaks: 4 };
    await expect(collect(requestOf(), breaking([2, 1, 2, 1, 2], seen), limits)).rejects.toMatchObject({ code: "replica_failed" });
    expect(seen).toHaveLength(4);
  });

  it("bounds the wait for a replica by what is left since the break", async () => {
    let now = 1_000;
    const clock = { now: () => now, after: () => () => undefined };
    const waits: (number | null)[] = [];
    const attempt: Attempt = async function* (_request, patienceMs) {
      waits.push(patienceMs);
      now += 9_000;
      yield* [];
      throw died();
    };
    const events = continueGeneration(requestOf(), options(attempt, { ...GATEWAY_LIMITS, continueAttempts: 9 }, clock));
    await expect(events.next()).rejects.toMatchObject({ code: "replica_failed" });
    expect(waits).toEqual([null, 30_000, 21_000, 12_000, 3_000]);
  });

  it("goes on elsewhere when a replica says in the stream that it is going away", async () => {
    const request = requestOf();
    let first = true;
    const attempt: Attempt = async function* (each) {
      const events = scriptedEvents(each);
      if (!first) return yield* events;
      first = false;
      yield* events.slice(0, 4);
      yield { type: "error", error: { code: "draining", message: "SIGTERM", hint: "" } };
    };
    expect(untimed(await collect(request, attempt))).toEqual(untimed(scriptedEvents(request)));
  });

  it("passes errors of the request on, as events and as exceptions", async () => {
    const error = { type: "error", error: { code: "context_length_exceeded", message: "boom", hint: "" } } as const;
    const telling: Attempt = async function* () {
      yield error;
    };
    expect(await collect(requestOf(), telling)).toEqual([error]);
    const throwing: Attempt = async function* () {
      yield* [];
      throw new ArrieroError("context_length_exceeded", "9 > 8");
    };
    await expect(collect(requestOf(), throwing)).rejects.toMatchObject({ code: "context_length_exceeded" });
  });

  it("does not continue when the prompt is another one now", async () => {
    let attempts = 0;
    const attempt: Attempt = async function* (request) {
      const [start, ...rest] = scriptedEvents(request);
      if (attempts++ > 0) return yield { ...start, promptTokens: 4 } as GenerationEvent;
      yield* [start!, ...rest.slice(0, 2)];
      throw died();
    };
    await expect(collect(requestOf(), attempt)).rejects.toThrow("the prompt has 4 tokens now, 3 before");
  });

  it("treats a choice that was never asked for as a broken replica", async () => {
    const stray: Attempt = async function* () {
      yield { type: "text", choice: 5, tokens: [1], text: "x" };
    };
    await expect(collect(requestOf(), stray)).rejects.toThrow("choice 5 of 1");
  });
});
