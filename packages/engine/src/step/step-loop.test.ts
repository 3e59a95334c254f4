import { ArrieroError } from "@arriero/spec";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ToyRunner, toyGeneration } from "../testing/toy-runner.ts";
import type { SequenceJob } from "./sequence.ts";
import type { StepEvent } from "./step-event.ts";
import { StepLoop } from "./step-loop.ts";

let nextKey = 0;
function job(prompt: number[], more: Partial<SequenceJob> = {}): SequenceJob {
  return {
    key: nextKey++,
    adapter: "",
    prompt: Int32Array.from(prompt),
    replay: new Int32Array(0),
    sampling: {
      temperature: 0,
      topK: 0,
      topP: 1,
      minP: 0,
      typicalP: 1,
      repeatPenalty: 1,
      frequencyPenalty: 0,
      presencePenalty: 0,
      penaltyLastN: 64,
      seed: 1,
    },
    seed: 1,
    grammar: null,
    maxTokens: 8,
    logprobs: null,
    ignoreEos: false,
    priority: "interactive",
    client: "local",
    ...more,
  };
}

function loopOver(runner: ToyRunner, options: { maxRunning?: number; queueLimit?: number; parkedBytes?: number } = {}): StepLoop {
  let now = 0;
  return new StepLoop(runner, { maxRunning: 8, queueLimit: 64, stepMs: 16, parkedBytes: 0, clock: () => now++, ...options });
}

/** Steps until nothing is left; more steps than any sane run needs mean a livelock. */
function drain(loop: StepLoop, limit = 5000): StepEvent[] {
  const events: StepEvent[] = [];
  for (let i = 0; !loop.idle; i++) {
    if (i > limit) throw new Error("the loop does not come to an end");
    events.push(...loop.step());
  }
  return events;
}

const tokensOf = (events: StepEvent[], key: number) =>
  events.flatMap((event) => (event.kind === "token" && event.key === key ? [event.token] : []));

const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => ((from + i * 7) % 63) + 1);

describe("step loop", () => {
  test("yields what an unshared generation would, and ends with a reason", () => {
    const loop = loopOver(new ToyRunner());
    const request = job(range(1, 50));
    loop.submit(request);
    const events = drain(loop);
    expect(events[0]).toEqual({ kind: "start", key: request.key, cachedTokens: 0 });
    expect(tokensOf(events, request.key)).toEqual(toyGeneration(range(1, 50), 8));
    expect(events.at(-1)?.kind).toBe("end");
  });

  test("a second request computes only what the first did not", () => {
    const loop = loopOver(new ToyRunner());
    loop.submit(job(range(1, 40)));
    drain(loop);
    const second = job([...range(1, 40).slice(0, 30), 5, 6]);
    loop.submit(second);
    const events = drain(loop);
    expect(events[0]).toEqual({ kind: "start", key: second.key, cachedTokens: 30 });
  });

  test("requests that arrive together with one prefix compute it once", () => {
    const runner = new ToyRunner({ cells: 2048, batchTokens: 64 });
    const loop = loopOver(runner);
    const prefix = range(3, 400);
    const jobs = Array.from({ length: 8 }, (_, i) => job([...prefix, i + 1, i + 2], { maxTokens: 2 }));
    for (const request of jobs) loop.submit(request);
    const events = drain(loop);
    const cached = events.flatMap((event) => (event.kind === "start" ? [event.cachedTokens] : []));
    expect(cached.filter((tokens) => tokens >= 368).length).toBe(7);
    for (const request of jobs) expect(tokensOf(events, request.key)).toEqual(toyGeneration(Array.from(request.prompt), 2));
  });

  test("a long prompt never stalls a running stream: it advances every step", () => {
    const loop = loopOver(new ToyRunner({ cells: 4096, batchTokens: 256 }));
    const stream = job(range(2, 4), { maxTokens: 200, key: 9001 });
    const expected = toyGeneration(range(2, 4), 200).length;
    loop.submit(stream);
    loop.step();
    loop.submit(job(range(9, 3000), { maxTokens: 1 }));
    let stalls = 0;
    for (let i = 1; i < expected - 1; i++) if (tokensOf(loop.step(), 9001).length === 0) stalls++;
    expect(stalls).toBe(0);
  });

  test("where phases alternate, the stream advances at least every second step", () => {
    const loop = loopOver(new ToyRunner({ cells: 4096, batchTokens: 256 }, false));
    loop.submit(job(range(2, 4), { maxTokens: 200, key: 9002 }));
    const expected = toyGeneration(range(2, 4), 200).length;
    loop.step();
    loop.submit(job(range(9, 3000), { maxTokens: 1 }));
    let idle = 0;
    for (let i = 1; i < expected - 1; i++) {
      idle = tokensOf(loop.step(), 9002).length === 0 ? idle + 1 : 0;
      expect(idle).toBeLessThan(2);
    }
  });

  test("a continuation yields exactly the rest", () => {
    const prompt = range(11, 20);
    const whole = toyGeneration(prompt, 12);
    for (let cut = 0; cut < whole.length; cut++) {
      const loop = loopOver(new ToyRunner());
      const request = job(prompt, { maxTokens: 12, replay: Int32Array.from(whole.slice(0, cut)) });
      loop.submit(request);
      expect(tokensOf(drain(loop), request.key)).toEqual(whole.slice(cut));
    }
  });

  test("realtime takes the place of batch, which later goes on as if nothing had been", () => {
    const loop = loopOver(new ToyRunner(), { maxRunning: 1 });
    const batch = job(range(1, 10), { priority: "batch", maxTokens: 12 });
    const urgent = job(range(30, 10), { priority: "realtime", maxTokens: 3 });
    loop.submit(batch);
    const events = [...loop.step(), ...loop.step()];
    loop.submit(urgent);
    events.push(...drain(loop));
    expect(tokensOf(events, batch.key)).toEqual(toyGeneration(range(1, 10), 12));
    expect(tokensOf(events, urgent.key)).toEqual(toyGeneration(range(30, 10), 3));
    expect(events.filter((event) => event.kind === "start" && event.key === batch.key).length).toBe(1);
    expect(loop.stats().preemptions).toBe(1);
    const ends = events.filter((event) => event.kind === "end").map((event) => event.key);
    expect(ends).toEqual([urgent.key, batch.key]);
  });

  test("as many as may run and wait can come between two steps; one more is refused with a code and a time to wait", () => {
    const loop = loopOver(new ToyRunner(), { queueLimit: 1, maxRunning: 2 });
    for (let i = 1; i <= 3; i++) loop.submit(job(range(i, 5)));
    const refused = job(range(9, 5));
    loop.submit(refused);
    const failed = loop.step().filter((event) => event.kind === "failed");
    expect(failed).toMatchObject([{ key: refused.key, error: { code: "queue_full", retryAfter: 1 } }]);
  });

  test("an adapter that cannot be loaded fails its own request only", () => {
    const runner = new ToyRunner();
    runner.prepare = (adapter) => {
      if (adapter === "broken") throw new ArrieroError("model_load_failed", "does not fit");
    };
    const loop = loopOver(runner);
    const [good, bad] = [job(range(1, 5), { maxTokens: 4 }), job(range(1, 5), { adapter: "broken" })];
    for (const each of [good, bad]) loop.submit(each);
    const events = drain(loop);
    expect(tokensOf(events, good.key)).toEqual(toyGeneration(range(1, 5), 4));
    expect(events.filter((event) => event.kind === "failed")).toMatchObject([
      { key: bad.key, error: { code: "model_load_failed" } },
    ]);
    expect(loop.cache.leakedSequences()).toEqual([]);
  });

  test("law: any mix of requests, cancellations and pressure gives the right tokens and leaks nothing", () => {
    const arbitrary = fc.array(
      fc.record({
        stem: fc.integer({ min: 1, max: 3 }),
        stemLength: fc.integer({ min: 1, max: 60 }),
        own: fc.array(fc.integer({ min: 1, max: 63 }), { minLength: 1, maxLength: 20 }),
        maxTokens: fc.integer({ min: 1, max: 24 }),
        priority: fc.constantFrom<SequenceJob["priority"]>("realtime", "interactive", "batch"),
        client: fc.constantFrom("a", "b"),
        adapter: fc.constantFrom("", "", "pirate"),
        steps: fc.integer({ min: 0, max: 4 }),
        cancelAfter: fc.option(fc.integer({ min: 0, max: 12 })),
      }),
      { maxLength: 24 },
    );
    fc.assert(
      fc.property(
        arbitrary,
        fc.integer({ min: 110, max: 400 }),
        fc.integer({ min: 2, max: 12 }),
        fc.boolean(),
        fc.constantFrom(0, 120, 10_000),
        (specs, cells, sequences, mixes, parkedBytes) => {
          const runner = new ToyRunner({ cells, sequences, batchTokens: 32 }, mixes);
          const loop = loopOver(runner, { maxRunning: 4, parkedBytes });
          const events: StepEvent[] = [];
          const jobs: SequenceJob[] = [];
          const cancelAt = new Map<number, number>();
          let clock = 0;
          const step = () => {
            for (const [key, at] of cancelAt) {
              if (at > clock) continue;
              loop.cancel(key);
            }
            clock++;
            events.push(...loop.step());
          };
          for (const spec of specs) {
            const request = job([...range(spec.stem, spec.stemLength), ...spec.own], spec);
            jobs.push(request);
            loop.submit(request);
            if (spec.cancelAfter !== null) cancelAt.set(request.key, clock + spec.cancelAfter);
            for (let i = 0; i < spec.steps; i++) step();
          }
          for (let i = 0; !loop.idle; i++) {
            expect(i).toBeLessThan(5000);
            step();
          }
          for (const request of jobs) {
            const expected = toyGeneration(Array.from(request.prompt), request.maxTokens);
            const actual = tokensOf(events, request.key);
            const ended = events.some((event) => event.kind === "end" && event.key === request.key);
            if (ended) expect(actual).toEqual(expected);
            else {
              expect(cancelAt.has(request.key)).toBe(true);
              expect(actual).toEqual(expected.slice(0, actual.length));
            }
          }
          expect(loop.cache.leakedSequences()).toEqual([]);
          expect(runner.samplers).toBe(0);
          const usage = loop.cache.usage();
          expect(usage.used).toBe(usage.cached);
          expect(usage.used).toBe(runner.cells);
        },
      ),
      { numRuns: 400 },
    );
  });
});
