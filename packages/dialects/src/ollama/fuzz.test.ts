import { ArrieroError, EmbeddingRequest } from "@arriero/spec";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CONTEXT, settled } from "../testing/scripted-events.ts";
import { parseChat } from "./chat/parse.ts";
import { parseEmbed, parseLegacyEmbed } from "./embed/parse.ts";
import { parseGenerate } from "./generate/parse.ts";
import { parseCopy, parseCreate, parseModelOnly, parsePull } from "./models/parse.ts";

const RUNS = 2_000;
const DIGEST = `sha256:${"a".repeat(64)}`;

const SEEDS: readonly Record<string, unknown>[] = [
  { model: "m", messages: [{ role: "user", content: "hi", images: [] }], options: { temperature: 0, stop: ["x"] }, think: "low" },
  {
    model: "m",
    messages: [{ role: "assistant", tool_calls: [{ function: { name: "f", arguments: { a: 1 } } }] }, { role: "tool" }],
  },
  { model: "m+a", prompt: "hi", system: "s", raw: false, format: { type: "object" }, keep_alive: "1h30m", context: [] },
  { model: "m", input: ["a", "b"], truncate: true, dimensions: 3, prompt: "p" },
  { model: "m", from: "n", adapters: { "a.gguf": DIGEST }, parameters: { temperature: 1 }, license: ["a"], messages: [] },
  { name: "m", source: "a", destination: "b", stream: false, files: { "m.gguf": DIGEST } },
];
const NAMES = [
  ...new Set([...SEEDS.flatMap(Object.keys), "__proto__", "constructor", "suffix", "template", "tools", "logprobs"]),
];
const nasty = fc.oneof(
  fc.constantFrom<unknown>(null, "", "-1", "5m", "1e999", "\ud800", -1, 2 ** 53, 1e308, [], {}, [null], "x".repeat(300_000)),
  fc.jsonValue({ maxDepth: 4 }),
);
const body = fc
  .tuple(fc.constantFrom(...SEEDS), fc.array(fc.tuple(fc.constantFrom(...NAMES), nasty), { maxLength: 2 }))
  .map(([seed, edits]) => {
    const edited = structuredClone(seed);
    for (const [key, value] of edits) Object.defineProperty(edited, key, { value, enumerable: true, configurable: true });
    return edited;
  });

const generation = (parse: typeof parseChat) => (sent: unknown) => {
  const { request } = parse(sent, CONTEXT);
  if (request !== null) settled(request);
};
const embedding = (parse: typeof parseEmbed) => (sent: unknown) => {
  const { request } = parse(sent, CONTEXT);
  if (request !== null) EmbeddingRequest.parse(request);
};
const PARSERS: Record<string, (sent: unknown) => void> = {
  chat: generation(parseChat),
  generate: generation(parseGenerate),
  embed: embedding(parseEmbed),
  embeddings: embedding(parseLegacyEmbed),
  create: parseCreate,
  pull: parsePull,
  copy: parseCopy,
  show: parseModelOnly,
};

test.each(Object.entries(PARSERS))(
  `%s: ${RUNS} bodies are a valid request or a coded 4xx`,
  { timeout: 120_000 },
  (_name, parse) => {
    const outcomes = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(fc.oneof({ weight: 8, arbitrary: body }, { weight: 1, arbitrary: nasty }), (sent) => {
        try {
          parse(sent);
          outcomes.accepted++;
        } catch (error) {
          if (!(error instanceof ArrieroError)) throw error;
          expect(error.status).toBeGreaterThanOrEqual(400);
          expect(error.status).toBeLessThan(499);
          outcomes.refused++;
        }
      }),
      { numRuns: RUNS },
    );
    // Both sides must have been tried, or the test says nothing.
    expect(Math.min(outcomes.accepted, outcomes.refused)).toBeGreaterThan(RUNS / 50);
  },
);
