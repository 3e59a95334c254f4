import { systemClock } from "@arriero/fleet";
import { ArrieroError, type GenerationEvent, type GenerationRequest } from "@arriero/spec";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GATEWAY_LIMITS } from "../gateway-limits.ts";
import { requestOf } from "../testing/scripted-generation.ts";
import { openAiWire } from "../testing/wires.ts";
import { continueGeneration, type PickUpstream } from "./continuation.ts";
import { OpenAiAnswer } from "./openai/answer.ts";
import type { UpstreamCapabilities } from "./upstream.ts";
import { UpstreamBroken } from "./upstream-broken.ts";

const CHAT = { kind: "chat" as const, messages: [{ role: "user" as const, content: "hello" }] };
const LIMITS = { ...GATEWAY_LIMITS, continueAttempts: 1_000, continueBreaks: 1_000 };

/** Texts of whole characters, blanks and pairs of surrogates among them. */
const text = fc.string({
  unit: fc.oneof(fc.constantFrom(" ", "\n", "a", "🦙", "ñ"), fc.string({ unit: "grapheme", maxLength: 1 })),
  minLength: 1,
  maxLength: 40,
});
const cuts = fc.array(fc.record({ bytes: fc.nat(3_000), chunk: fc.integer({ min: 1, max: 90 }), prefill: fc.boolean() }), {
  maxLength: 6,
});

/** As a server would cut it: into pieces of UTF-16 units, so that a pair may be split over two of them. */
function piecesOf(whole: string, lengths: readonly number[]): string[] {
  const pieces: string[] = [];
  for (let at = 0, i = 0; at < whole.length; i++) {
    const length = 1 + (lengths[i % Math.max(1, lengths.length)] ?? 0);
    pieces.push(whole.slice(at, at + length));
    at += length;
  }
  return pieces;
}

/** An OpenAI answer whose k-th attempt is cut after some of its bytes, which come in chunks of any size. */
function cutting(pieces: readonly string[], plan: readonly { bytes: number; chunk: number; prefill: boolean }[]): PickUpstream {
  let attempt = 0;
  return async () => {
    const number = attempt++;
    const { bytes, chunk, prefill } = plan[number] ?? { bytes: Number.POSITIVE_INFINITY, chunk: 64, prefill: true };
    const capabilities: UpstreamCapabilities = { exactResume: false, assistantPrefill: prefill, honoursSeed: true };
    async function* generate(request: GenerationRequest): AsyncGenerator<GenerationEvent, void, void> {
      const { input } = request;
      const said = input.kind === "chat" ? (input.prefill ?? "") : "";
      const messages = [{ role: "user", content: "hello" }, ...(said === "" ? [] : [{ role: "assistant", content: said }])];
      const { closing, content, opening } = openAiWire.answer({ messages }, pieces);
      const wire = Buffer.from(opening + content.join("") + closing);
      const answer = new OpenAiAnswer(request, systemClock);
      for (let at = 0; at < Math.min(bytes, wire.length); at += chunk)
        yield* answer.push(wire.subarray(at, Math.min(at + chunk, bytes)));
      if (bytes < wire.length && !answer.finished) throw new UpstreamBroken(new ArrieroError("replica_failed", "cut"));
      yield* answer.end();
    }
    const embed = () => Promise.reject(new Error("not asked"));
    return { upstream: { id: `b-${number}`, capabilities, generate, embed }, release: () => undefined };
  };
}

async function collect(pick: PickUpstream, request: GenerationRequest): Promise<GenerationEvent[]> {
  const events: GenerationEvent[] = [];
  const options = { pick, limits: LIMITS, clock: systemClock, signal: new AbortController().signal };
  for await (const event of continueGeneration(request, options)) events.push(event);
  return events;
}

describe("an answer without token ids", () => {
  it("has every character once, wherever it is cut, whatever the pieces, by prefill and by generating again", async () => {
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(4), { maxLength: 8 }), cuts, async (whole, lengths, plan) => {
        const events = await collect(cutting(piecesOf(whole, lengths), plan), requestOf({ input: CHAT }));
        expect(events.map((event) => (event.type === "text" ? event.text : "")).join("")).toBe(whole);
        expect(events.filter(({ type }) => type !== "text").map(({ type }) => type)).toEqual(["start", "finish", "usage"]);
      }),
      { numRuns: 300 },
    );
  });

  it("is never half an answer when the second says something else", async () => {
    await fc.assert(
      fc.asyncProperty(text, text, fc.nat(1_500), async (one, two, bytes) => {
        const first = cutting(piecesOf(one, [1]), [{ bytes, chunk: 50, prefill: false }]);
        const second = cutting(piecesOf(two, [2]), []);
        let attempts = 0;
        const pick: PickUpstream = (avoid, patience) => {
          if (attempts > 1) return Promise.reject(new ArrieroError("replica_unavailable", "none is left"));
          return (attempts++ === 0 ? first : second)(avoid, patience);
        };
        // Not even asked to prefill: the text is compared.
        const request = requestOf({ input: CHAT, format: { kind: "json" } });
        const said: string[] = [];
        let ended = false;
        const options = { pick, limits: LIMITS, clock: systemClock, signal: new AbortController().signal };
        const reading = async () => {
          for await (const event of continueGeneration(request, options)) {
            if (event.type === "text") said.push(event.text);
            ended ||= event.type === "usage";
          }
        };
        await reading().catch(() => undefined);
        const answer = said.join("");
        if (ended) expect([one, two]).toContain(answer);
        else expect(one.startsWith(answer)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
