import { openai } from "@arriero/dialects";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generationNeeds } from "../backends/routing-needs.ts";
import { settleRequest } from "../models/settle-request.ts";
import { openAiCall } from "../upstream/openai/request-body.ts";
import { plainChat } from "./plain-chat.ts";
import { plainNeeds } from "./plain-needs.ts";

const messages = [{ role: "user", content: "hello" }];
const known = { name: "m", adapters: {}, modifiedAt: "", system: null, parameters: {}, messages: [] };
const habits = { prefill: "none", extendedSampling: false, runningUsage: false } as const;
const context = { id: "1", client: "c", created: 0, fingerprint: "f" };

const text = fc.oneof(fc.string(), fc.string({ unit: "binary" }));
const plain = fc.record(
  {
    model: fc.string({ minLength: 1 }),
    messages: fc.array(fc.record({ role: fc.constantFrom("user", "system", "assistant"), content: text }), {
      minLength: 1,
      maxLength: 4,
    }),
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
    top_p: fc.double({ min: 0, max: 1, noNaN: true }),
    max_tokens: fc.nat(2_000_000),
    seed: fc.integer({ min: -1, max: 2 ** 32 }),
    n: fc.constant(1),
    stream: fc.constant(false),
  },
  { requiredKeys: ["model", "messages"] },
);
/** One field of any sort, known or not, over what is plain. */
const odd = fc.constantFrom(
  0,
  1,
  2,
  0.5,
  -1,
  2.5,
  2 ** 53,
  null,
  "",
  "1",
  "x",
  true,
  false,
  [],
  {},
  [null],
  [{ role: "tool", content: "" }],
);
const names = [
  "model",
  "messages",
  "temperature",
  "top_p",
  "max_tokens",
  "seed",
  "n",
  "stream",
  "stop",
  "logprobs",
  "user",
  "priority",
];
const body = fc.oneof(
  plain,
  fc.tuple(plain, fc.constantFrom(...names), odd).map(([good, name, value]) => ({ ...good, [name]: value })),
);

const call = (asked: unknown, seed: number) => {
  const { presentation, request } = openai.parseChat(asked, context);
  const settled = settleRequest(request, { model: request.model, adapter: request.adapter, known }, {}, () => seed);
  return { presentation, settled, body: openAiCall(settled, "theirs", habits, true).body };
};

describe("plainChat", () => {
  it("law: what it takes is taken by the dialect, and asks a backend for the same", () => {
    let taken = 0;
    let left = 0;
    fc.assert(
      fc.property(body, (asked) => {
        const express = plainChat(asked);
        if (express === null) {
          left++;
          return;
        }
        taken++;
        const usual = call(asked, 4711);
        expect({ ...express.asked, model: "theirs", seed: express.seed ?? 4711 }).toEqual(usual.body);
        expect(usual.presentation).toMatchObject({ stream: false, choices: 1, logprobs: false, model: express.model });
        expect(usual.settled).toMatchObject({ model: express.model, adapter: null, n: 1, maxTokens: express.maxTokens });
        const { marks: _, ...needs } = generationNeeds(usual.settled);
        const { marks: __, ...own } = plainNeeds(express);
        expect(own).toEqual(needs);
        expect(plainNeeds(express).marks.get()).toEqual(generationNeeds(usual.settled).marks?.get());
      }),
      { numRuns: 2_000 },
    );
    expect(Math.min(taken, left)).toBeGreaterThan(200);
  });

  it.each([
    [{ model: "m", messages, stop: "x" }],
    [{ model: "m", messages, metadata: { "arriero-data-class": "personal" } }],
    [{ model: "m", messages, stream: true }],
    [{ model: "m", messages, tools: [] }],
    [{ model: "m+pirate", messages }],
    [{ model: "m", messages: [{ role: "user", content: "a", name: "b" }] }],
    [{ model: "m", messages: [{ role: "user", content: [{ type: "text", text: "a" }] }] }],
    [{ model: "m", messages: [] }],
    [[]],
    [null],
  ])("leaves %j to the dialect", (asked) => expect(plainChat(asked)).toBeNull());
});
