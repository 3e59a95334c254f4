import { type GenerationEvent, GenerationRequest } from "@arriero/spec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requestOf, scriptedEvents } from "../testing/scripted-generation.ts";
import { AnswerCache } from "./answer-cache.ts";
import { answerKey, type CacheQuestion } from "./answer-key.ts";
import { cachedAnswer } from "./cached-answer.ts";

const few = fc.constantFrom("a", "b");
const anyQuestion: fc.Arbitrary<CacheQuestion> = fc
  .record({
    model: few,
    adapter: fc.constantFrom(null, "pirate"),
    content: few,
    prefill: fc.constantFrom(undefined, "I say"),
    temperature: fc.constantFrom(0, 1),
    seed: fc.constantFrom(1, 2),
    topK: fc.constantFrom(0, 5),
    maxTokens: fc.constantFrom(null, 8),
    stop: fc.constantFrom([], ["x"]),
    logprobs: fc.constantFrom(null, 0),
    n: fc.constantFrom(1, 2),
    format: fc.constantFrom({ kind: "text" as const }, { kind: "json" as const }),
    // What must not matter.
    id: few,
    client: few,
    priority: fc.constantFrom("batch" as const, "interactive" as const),
    identity: few,
    owner: few,
    regions: fc.constantFrom(null, ["eu-*", "ch"], ["ch", "eu-*"], ["eu-*"]),
    dataClass: fc.constantFrom(null, "internal" as const),
  })
  .map(
    ({ adapter, client, content, dataClass, format, id, identity, logprobs, maxTokens, model, n, owner, prefill, ...rest }) => ({
      request: GenerationRequest.parse({
        id,
        client,
        model,
        adapter,
        format,
        logprobs,
        maxTokens,
        n,
        priority: rest.priority,
        stop: rest.stop,
        input: { kind: "chat", messages: [{ role: "user", content }], ...(prefill === undefined ? {} : { prefill }) },
        sampling: { temperature: rest.temperature, seed: rest.seed, topK: rest.topK },
      }),
      identity,
      owner,
      residency: { allowedRegions: rest.regions === null ? null : [...rest.regions], dataClass, allowUndefinedBoundary: null },
    }),
  );

/** What matters, written from the rule and not from the code under test. */
function meaning({ identity, owner, request, residency }: CacheQuestion): unknown {
  const { adapter, format, input, logprobs, maxTokens, model, n, sampling, stop } = request;
  const seed = sampling.temperature === 0 ? "none" : sampling.seed;
  const regions = residency.allowedRegions?.toSorted().join(" ") ?? "any";
  const drawn = [sampling.temperature, sampling.topK, seed];
  return JSON.stringify([
    identity,
    owner,
    regions,
    residency.dataClass,
    model,
    adapter,
    input,
    format,
    maxTokens,
    n,
    stop,
    logprobs,
    drawn,
  ]);
}

describe("the key of an answer", () => {
  it("is shared by two questions just where everything that matters is the same", () => {
    let same = 0;
    fc.assert(
      fc.property(
        anyQuestion,
        anyQuestion,
        fc.array(fc.constantFrom("request", "identity", "owner", "residency")),
        (a, b, like) => {
          // Unlike draws would almost never mean the same.
          const other = { ...b, ...Object.fromEntries(like.map((part) => [part, a[part as keyof CacheQuestion]])) };
          const shared = meaning(a) === meaning(other);
          if (shared) same++;
          expect(answerKey(a) === answerKey(other)).toBe(shared);
        },
      ),
      { numRuns: 2_000 },
    );
    expect(same).toBeGreaterThan(20);
  });
});

describe("kept answers", () => {
  const answer = (seed: number, n: number): GenerationEvent[] => scriptedEvents(requestOf({ n, sampling: { seed } }));

  it("stay within their bytes and their age, and come back as they were", () => {
    const step = fc.record({ key: fc.nat(12), n: fc.integer({ min: 1, max: 6 }), wait: fc.nat(40), isWhole: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 400_000 }), (steps, bytes) => {
        let now = 0;
        const cache = new AnswerCache({ bytes, maxAgeMs: 100, clock: { now: () => now } });
        const made = new Map<number, { at: number; events: GenerationEvent[] }>();
        for (const { isWhole, key, n, wait } of steps) {
          now += wait;
          const found = cache.find(String(key));
          if (found !== null) {
            const known = made.get(key)!;
            expect(found).toEqual(known.events);
            expect(now - known.at).toBeLessThan(100);
          }
          const events = answer(key, n);
          const recorder = cache.recorder(String(key));
          for (const event of isWhole ? events : events.slice(0, -1)) recorder.add(event);
          if (isWhole) made.set(key, { at: now, events });
          expect(cache.bytes).toBeLessThanOrEqual(bytes);
        }
      }),
    );
  });

  it("are kept at all, and given as answers to the new request", () => {
    const cache = new AnswerCache({ bytes: 1_000_000, maxAgeMs: 100, clock: { now: () => 0 } });
    const recorder = cache.recorder("k");
    for (const event of answer(1, 1)) recorder.add(event);
    const again = [...cachedAnswer(cache.find("k")!, requestOf({ id: "new" }))];
    expect(again[0]).toMatchObject({ type: "start", id: "new", promptTokens: 3, cachedTokens: 3 });
    expect(again.slice(1, -1)).toEqual(answer(1, 1).slice(1, -1));
  });

  it.each([
    [{ type: "error", error: { code: "replica_failed", message: "m", hint: "h" } }],
    [{ type: "finish", choice: 0, tokens: [], reason: "cancelled", stopSequence: null }],
  ] as [GenerationEvent][])("are none that hold %j", (bad) => {
    const cache = new AnswerCache({ bytes: 1_000_000, maxAgeMs: 100, clock: { now: () => 0 } });
    const recorder = cache.recorder("k");
    for (const event of [bad, ...answer(1, 1)]) recorder.add(event);
    expect(cache.find("k")).toBeNull();
  });
});
