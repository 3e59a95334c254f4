import { TokenizeRequest } from "@arriero/spec";
import fc from "fast-check";
import { expect, test } from "vitest";
import { attempt, fuzzedBody } from "../testing/fuzzed-body.ts";
import { CONTEXT, settled } from "../testing/scripted-events.ts";
import { parseGenerate } from "./parse.ts";
import { fixture } from "./testing/fixture.ts";
import { parseTokenize } from "./tokenize.ts";

const RUNS = 10_000;
const SLOWEST_MS = 2000;

const SEEDS: readonly unknown[] = [
  JSON.parse(fixture("lorax-client.json")).body,
  JSON.parse(fixture("curl.json")).body,
  { inputs: "a", stream: true, parameters: { stop: ["x"], seed: 2 ** 40, truncate: 3, grammar: { type: "json", value: {} } } },
  { inputs: "a", add_special_tokens: false },
];
const NAMES =
  "__proto__ constructor inputs parameters stream adapter_id adapter_source api_token best_of temperature repetition_penalty top_k top_p " +
  "typical_p frequency_penalty do_sample max_new_tokens ignore_eos_token return_full_text stop truncate watermark details seed " +
  "decoder_input_details return_k_alternatives response_format schema grammar type value merged_adapters add_special_tokens";

test(`${RUNS} bodies: a valid request or a coded 4xx, soon, and nothing else`, { timeout: 300_000 }, () => {
  const outcomes = { accepted: 0, refused: 0 };
  const parsers = [
    (sent: unknown) => void settled(parseGenerate(sent, CONTEXT, "as-asked").request),
    (sent: unknown) => void settled(parseGenerate(sent, CONTEXT, "stream").request),
    (sent: unknown) => void TokenizeRequest.parse(JSON.parse(JSON.stringify(parseTokenize(sent).request))),
  ];
  fc.assert(
    fc.property(fuzzedBody(SEEDS, NAMES.split(" ")), (sent) => {
      for (const parse of parsers) {
        const before = performance.now();
        outcomes[attempt(() => parse(sent))] += 1;
        expect(performance.now() - before).toBeLessThan(SLOWEST_MS);
      }
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  expect(outcomes.accepted).toBeGreaterThan(RUNS / 20);
  expect(outcomes.refused).toBeGreaterThan(RUNS / 20);
});
