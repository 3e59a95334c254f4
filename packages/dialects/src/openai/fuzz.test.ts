import { ArrieroError, EmbeddingRequest } from "@arriero/spec";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CONTEXT, settled } from "../testing/scripted-events.ts";
import { parseChat } from "./chat/parse.ts";
import { parseCompletion } from "./completions/parse.ts";
import { parseEmbeddings } from "./embeddings/parse.ts";
import { parseResponse } from "./responses/parse.ts";
import { fixture } from "./testing/fixture.ts";

const RUNS = 10_000;
/** Far above what any parse takes on a busy machine, far below what a quadratic one would. */
const SLOWEST_MS = 2000;
const LONGEST_MESSAGE = 1000;

const SEEDS: readonly unknown[] = [
  ...["chat-plain", "chat-nulls", "chat-tools", "chat-functions", "chat-extras", "response-tools"].map(
    (name) => JSON.parse(fixture(`${name}.json`)).body,
  ),
  { model: "m", prompt: ["a", "b"], n: 2, best_of: 2, echo: true, suffix: null, stop: ["x"], logprobs: null, max_tokens: 4 },
  { model: "m", prompt: [[1, 2], [3]], logprobs: 2, structured_outputs: { json: { type: "object" } } },
  { model: "m", input: ["a", [1, 2]], encoding_format: "base64", dimensions: 3 },
];

/** Values that have broken parsers before. */
const constants: readonly unknown[] = [
  null,
  "",
  "NaN",
  "Infinity",
  "1e999",
  "__proto__",
  "\u0000",
  "\ud800",
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  1e308,
  -1,
  -0,
  2 ** 53,
  -(2 ** 63),
  0.1,
  [],
  {},
  [[]],
  [null],
  Array(3000).fill("a"),
  Array(200).fill({}),
  "x".repeat(300_000),
  JSON.parse('{"__proto__": {"model": "m", "role": "user"}, "constructor": 1, "toString": 2, "hasOwnProperty": null}'),
];
// Cloned, since later edits may reach into what earlier ones put in.
const nasty = fc.oneof(
  fc.constantFrom(...constants).map((value) => structuredClone(value)),
  fc.integer({ min: -3, max: 200 }),
  fc.double({ noNaN: true, min: -3, max: 12 }),
  fc.integer({ min: 10, max: 20_000 }).map(nested),
  fc.jsonValue({ maxDepth: 4 }),
);
const NAMES =
  "__proto__ constructor model messages role content type tools tool_choice function functions function_call stop grammar prompt input n seed " +
  "temperature top_p top_k min_p typical_p repeat_penalty repeat_last_n frequency_penalty presence_penalty logit_bias max_tokens logprobs " +
  "top_logprobs response_format guided_json structured_outputs chat_template_kwargs dry_multiplier dry_base best_of echo dimensions priority";
const key = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NAMES.split(" ")) },
  { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
);

const mutated = fc.tuple(
  fc.constantFrom(...SEEDS),
  fc.array(fc.tuple(fc.array(fc.nat(40), { maxLength: 7 }), key, nasty), { maxLength: 4 }),
);
const body = fc.oneof(
  {
    weight: 12,
    arbitrary: mutated.map(([seed, edits]) =>
      edits.reduce<unknown>((done, edit) => mutate(done, ...edit), structuredClone(seed)),
    ),
  },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 6 }) },
  { weight: 1, arbitrary: fc.dictionary(key, nasty) },
  { weight: 1, arbitrary: nasty },
);

test(`${RUNS} bodies: a valid request or a coded 4xx, soon, and nothing else`, { timeout: 300_000 }, () => {
  const outcomes = { accepted: 0, refused: 0 };
  fc.assert(
    fc.property(body, (sent) => {
      for (const parse of [chat, completion, embeddings, responses]) {
        const before = performance.now();
        outcomes[attempt(() => parse(sent))] += 1;
        expect(performance.now() - before).toBeLessThan(SLOWEST_MS);
      }
    }),
    { numRuns: RUNS },
  );
  // Both sides must have been tried, or the test says nothing.
  expect(outcomes.accepted).toBeGreaterThan(RUNS / 20);
  expect(outcomes.refused).toBeGreaterThan(RUNS / 20);
});

function attempt(parse: () => void): "accepted" | "refused" {
  try {
    parse();
    return "accepted";
  } catch (error) {
    if (!(error instanceof ArrieroError)) throw error;
    expect(error.status).toBeGreaterThanOrEqual(400);
    expect(error.status).toBeLessThan(499);
    expect(error.message.length).toBeLessThan(LONGEST_MESSAGE);
    return "refused";
  }
}

function chat(sent: unknown): void {
  settled(parseChat(sent, CONTEXT).request);
}

function completion(sent: unknown): void {
  for (const request of parseCompletion(sent, CONTEXT).requests) settled(request);
}

function responses(sent: unknown): void {
  settled(parseResponse(sent, CONTEXT).request);
}

function embeddings(sent: unknown): void {
  check(EmbeddingRequest, parseEmbeddings(sent, CONTEXT).request);
}

/** Valid by the schema, and fit to travel to the engine. Throws anything but an ArrieroError where it is not. */
function check(schema: { parse(value: unknown): unknown }, request: unknown): void {
  schema.parse(JSON.parse(JSON.stringify(request)));
}

/** Walks down the path of positions as far as it goes, then sets a value there under one of the keys or a new one. */
function mutate(root: unknown, path: readonly number[], newKey: string, value: unknown): unknown {
  let at = root;
  for (const [step, position] of path.entries()) {
    if (typeof at !== "object" || at === null) return root;
    const keys = Object.keys(at);
    const fresh = Array.isArray(at) ? String(at.length) : newKey;
    const chosen = keys.length === 0 || position % 4 === 3 ? fresh : keys[position % keys.length]!;
    const next: unknown = Object.hasOwn(at, chosen) ? Reflect.get(at, chosen) : undefined;
    const last = step === path.length - 1 || typeof next !== "object" || next === null;
    if (last) {
      Object.defineProperty(at, chosen, { value, enumerable: true, configurable: true, writable: true });
      return root;
    }
    at = next;
  }
  return root;
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}
