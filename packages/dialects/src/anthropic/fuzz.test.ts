import { GenerationInput } from "@arriero/spec";
import fc from "fast-check";
import { expect, test } from "vitest";
import { attempt, fuzzedBody } from "../testing/fuzzed-body.ts";
import { settled } from "../testing/scripted-events.ts";
import { parseMessage, parseTokenCount } from "./parse.ts";
import { CONTEXT, fixture } from "./testing/fixture.ts";

const RUNS = 10_000;
/** Far above what any parse takes on a busy machine, far below what a quadratic one would. */
const SLOWEST_MS = 2000;

const SEEDS: readonly unknown[] = ["agent.json", "plain.json"].map((name) => JSON.parse(fixture(name)).body);

const NAMES =
  "__proto__ constructor model messages system role content type text tool_use_id id name input is_error thinking signature tools input_schema " +
  "tool_choice disable_parallel_tool_use stop_sequences temperature top_p top_k max_tokens budget_tokens display output_config format schema stream";
const body = fuzzedBody(SEEDS, NAMES.split(" "));

test(`${RUNS} bodies: a valid request or a coded 4xx, soon, and nothing else`, { timeout: 300_000 }, () => {
  const outcomes = { accepted: 0, refused: 0 };
  const parsers = [
    (sent: unknown) => settled(parseMessage(sent, CONTEXT).request),
    (sent: unknown) => GenerationInput.parse(parseTokenCount(sent).input),
  ];
  fc.assert(
    fc.property(body, (sent) => {
      for (const parse of parsers) {
        const before = performance.now();
        outcomes[attempt(() => void JSON.stringify(parse(sent)))] += 1;
        expect(performance.now() - before).toBeLessThan(SLOWEST_MS);
      }
    }),
    { numRuns: RUNS },
  );
  // Both sides must have been tried, or the test says nothing.
  expect(outcomes.accepted).toBeGreaterThan(RUNS / 20);
  expect(outcomes.refused).toBeGreaterThan(RUNS / 20);
});
