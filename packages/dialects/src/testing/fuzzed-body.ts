import { ArrieroError } from "@arriero/spec";
import fc from "fast-check";
import { expect } from "vitest";

const LONGEST_MESSAGE = 1000;

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

/**
 * Bodies to try a parser with: real ones with a few edits, and anything else.
 *
 * @param names fields the parser knows
 */
export function fuzzedBody(seeds: readonly unknown[], names: readonly string[]): fc.Arbitrary<unknown> {
  const key = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...names) },
    { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
  );

  const mutated = fc.tuple(
    fc.constantFrom(...seeds),
    fc.array(fc.tuple(fc.array(fc.nat(40), { maxLength: 7 }), key, nasty), { maxLength: 4 }),
  );
  return fc.oneof(
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
}

/** What came of a parse; fails the test where that is neither a result nor a coded 4xx. */
export function attempt(parse: () => void): "accepted" | "refused" {
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
