import { ArrieroError, GenerationInput } from "@arriero/spec";
import fc from "fast-check";
import { expect, test } from "vitest";
import { settled } from "../testing/scripted-events.ts";
import { parseMessage, parseTokenCount } from "./parse.ts";
import { CONTEXT, fixture } from "./testing/fixture.ts";

const RUNS = 10_000;
/** Far above what any parse takes on a busy machine, far below what a quadratic one would. */
const SLOWEST_MS = 2000;
const LONGEST_MESSAGE = 1000;

const SEEDS: readonly unknown[] = ["agent.json", "plain.json"].map((name) => JSON.parse(fixture(name)).body);

const nasty = fc.oneof(
  fc
    .constantFrom<unknown>(
      ...[null, "", "NaN", "__proto__", "\u0000", "\ud800", Number.POSITIVE_INFINITY, 1e308, -1, -0, 2 ** 53, 0.1],
      ...[[], {}, [[]], [null], Array(3000).fill("a"), Array(200).fill({ type: "text", text: "a" }), "x".repeat(300_000)],
      ...[{ type: "tool_use" }, { type: "tool_result" }, { type: "image" }, { type: "thinking", thinking: null }],
      JSON.parse('{"__proto__": {"model": "m", "role": "user"}, "constructor": 1, "toString": 2, "hasOwnProperty": null}'),
    )
    .map((value) => structuredClone(value)),
  fc.integer({ min: -3, max: 200 }),
  fc.double({ noNaN: true, min: -3, max: 12 }),
  fc.integer({ min: 10, max: 20_000 }).map(nested),
  fc.jsonValue({ maxDepth: 4 }),
);
const NAMES =
  "__proto__ constructor model messages system role content type text tool_use_id id name input is_error thinking signature tools input_schema " +
  "tool_choice disable_parallel_tool_use stop_sequences temperature top_p top_k max_tokens budget_tokens display output_config format schema stream";
const key = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NAMES.split(" ")) },
  { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
);
const edits = fc.array(fc.tuple(fc.array(fc.nat(40), { maxLength: 7 }), key, nasty), { maxLength: 3 });
const body = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .tuple(fc.constantFrom(...SEEDS), edits)
      .map(([seed, changes]) => changes.reduce<unknown>((done, edit) => mutate(done, ...edit), structuredClone(seed))),
  },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 6 }) },
  { weight: 1, arbitrary: fc.dictionary(key, nasty) },
  { weight: 1, arbitrary: nasty },
);

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

function attempt(parse: () => unknown): "accepted" | "refused" {
  try {
    // Fit to travel to the engine.
    JSON.stringify(parse());
    return "accepted";
  } catch (error) {
    if (!(error instanceof ArrieroError)) throw error;
    expect(error.status).toBeGreaterThanOrEqual(400);
    expect(error.status).toBeLessThan(499);
    expect(error.message.length).toBeLessThan(LONGEST_MESSAGE);
    return "refused";
  }
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
    if (step === path.length - 1 || typeof next !== "object" || next === null) {
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
