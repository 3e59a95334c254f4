import { EmbeddingRequest } from "@arriero/spec";
import fc from "fast-check";
import { expect, test } from "vitest";
import { attempt, fuzzedBody } from "../testing/fuzzed-body.ts";
import { CONTEXT, settled } from "../testing/scripted-events.ts";
import { parseChat } from "./chat/parse.ts";
import { parseCompletion } from "./completions/parse.ts";
import { parseEmbeddings } from "./embeddings/parse.ts";
import { parseResponse } from "./responses/parse.ts";
import { fixture } from "./testing/fixture.ts";

const RUNS = 10_000;
/** Far above what any parse takes on a busy machine, far below what a quadratic one would. */
const SLOWEST_MS = 2000;

const SEEDS: readonly unknown[] = [
  ...["chat-plain", "chat-nulls", "chat-tools", "chat-functions", "chat-extras", "response-tools"].map(
    (name) => JSON.parse(fixture(`${name}.json`)).body,
  ),
  { model: "m", prompt: ["a", "b"], n: 2, best_of: 2, echo: true, suffix: null, stop: ["x"], logprobs: null, max_tokens: 4 },
  { model: "m", prompt: [[1, 2], [3]], logprobs: 2, structured_outputs: { json: { type: "object" } } },
  { model: "m", input: ["a", [1, 2]], encoding_format: "base64", dimensions: 3 },
];

const NAMES =
  "__proto__ constructor model messages role content type tools tool_choice function functions function_call stop grammar prompt input n seed " +
  "temperature top_p top_k min_p typical_p repeat_penalty repeat_last_n frequency_penalty presence_penalty logit_bias max_tokens logprobs " +
  "top_logprobs response_format guided_json structured_outputs chat_template_kwargs dry_multiplier dry_base best_of echo dimensions priority";
const body = fuzzedBody(SEEDS, NAMES.split(" "));

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
    { numRuns: RUNS, endOnFailure: true },
  );
  // Both sides must have been tried, or the test says nothing.
  expect(outcomes.accepted).toBeGreaterThan(RUNS / 20);
  expect(outcomes.refused).toBeGreaterThan(RUNS / 20);
});

function chat(sent: unknown): void {
  settled(parseChat(sent, CONTEXT).request);
}

function completion(sent: unknown): void {
  for (const request of parseCompletion(sent, CONTEXT).requests) settled(request);
}

function responses(sent: unknown): void {
  const { presentation, request } = parseResponse(sent, CONTEXT);
  settled(request);
  // It is repeated in the answer.
  JSON.stringify(presentation);
}

function embeddings(sent: unknown): void {
  check(EmbeddingRequest, parseEmbeddings(sent, CONTEXT).request);
}

/** Valid by the schema, and fit to travel to the engine. Throws anything but an ArrieroError where it is not. */
function check(schema: { parse(value: unknown): unknown }, request: unknown): void {
  schema.parse(JSON.parse(JSON.stringify(request)));
}
