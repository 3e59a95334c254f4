import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Candidates, GrammarSampler, Model } from "@arriero/ggml";
import { Sampling } from "@arriero/spec";
import { afterAll, describe, expect, test } from "vitest";
import { jsonSchemaToGbnf } from "../grammar/json-schema-to-gbnf.ts";
import { SAMPLE_SCHEMAS } from "../grammar/testing/sample-schemas.ts";
import { argMax, samplerLinks, TokenSampler } from "./token-sampler.ts";

const DEMO = fileURLToPath(new URL("../../../../models/demo/arriero-demo.gguf", import.meta.url));
const sampling = (more: object = {}) => Sampling.parse({ seed: 1, ...more });

test("the chain has the links asked for, in llama.cpp's order, and none that do nothing", () => {
  expect(samplerLinks(sampling())).toEqual([]);
  const all = samplerLinks(
    sampling({
      temperature: 0.7,
      topK: 40,
      topP: 0.9,
      minP: 0.05,
      typicalP: 0.9,
      repeatPenalty: 1.1,
      logitBias: { "5": 1 },
      dry: { multiplier: 0.8 },
    }),
  );
  expect(all.map((link) => link.kind)).toEqual([
    "logit-bias",
    "penalties",
    "dry",
    "top-k",
    "typical",
    "top-p",
    "min-p",
    "temperature",
  ]);
  expect(samplerLinks(sampling({ temperature: 0, topK: 40, topP: 0.5 }))).toEqual([]);
});

describe.runIf(existsSync(DEMO))("on libllama", () => {
  const model = Model.load(DEMO, { vocabularyOnly: true });
  const candidates = new Candidates(model, model.vocabulary.size);
  afterAll(() => model.dispose());
  const logits = (likely: number) => {
    const values = Float32Array.from({ length: model.vocabulary.size }, (_, token) => Math.sin(token * 12.9898) * 2);
    values[likely] = 9;
    return values;
  };
  const open = (more: object, grammar: ConstructorParameters<typeof TokenSampler>[4] = null, forbidden: number[] = []) =>
    new TokenSampler(model, candidates, sampling(more), 1, grammar, forbidden);

  test("greedy is the arg max, lowest id first; the same draw for the same seed and position", () => {
    expect(argMax(Float32Array.of(1, 3, 3, 2))).toBe(1);
    expect(open({ temperature: 0 }).sample(logits(77), 0)).toBe(77);
    const hot = { temperature: 1.5, topK: 50, topP: 0.95, minP: 0.01 };
    const flat = Float32Array.from({ length: model.vocabulary.size }, (_, token) => Math.sin(token * 12.9898) * 2);
    const draws = (position: number) => open(hot).sample(flat, position);
    expect(draws(3)).toBe(draws(3));
    expect(new Set(Array.from({ length: 40 }, (_, i) => draws(i))).size).toBeGreaterThan(3);
  });

  test("draws follow the distribution", () => {
    const values = new Float32Array(model.vocabulary.size).fill(-100);
    values.set([Math.log(0.5), Math.log(0.3), Math.log(0.2)], 10);
    const counts = [0, 0, 0];
    const sampler = open({});
    for (let position = 0; position < 6000; position++) counts[(sampler.sample(values, position) as number) - 10]!++;
    expect(counts[0]! / 6000).toBeCloseTo(0.5, 1);
    expect(counts[1]! / 6000).toBeCloseTo(0.3, 1);
    expect(counts[2]! / 6000).toBeCloseTo(0.2, 1);
  });

  test("bias, penalties and forbidden tokens change the choice", () => {
    expect(open({ temperature: 0, logitBias: { "12": 50 } }).sample(logits(77), 0)).toBe(12);
    expect(open({ temperature: 0 }, null, [77]).sample(logits(77), 0)).not.toBe(77);
    const penalised = open({ temperature: 0, presencePenalty: 2, frequencyPenalty: 2 });
    const flat = new Float32Array(model.vocabulary.size);
    flat[40] = 1;
    flat[41] = 0.5;
    expect(penalised.sample(flat, 0)).toBe(40);
    penalised.accept(40);
    expect(penalised.sample(flat, 1)).toBe(41);
  });

  test("a grammar rules: the likeliest token it allows, nothing after its end but the end, null where nothing fits", () => {
    const { vocabulary } = model;
    const yes = vocabulary.tokenize("yes", false, false);
    const sampler = open({ temperature: 0 }, { gbnf: 'root ::= "yes"', root: "root" });
    for (const token of yes) {
      const chosen = sampler.sample(logits(77), 0) as number;
      expect("yes".startsWith(Buffer.from(vocabulary.piece(chosen)).toString()) || chosen === token).toBe(true);
      if (!sampler.allows(token)) break;
      sampler.accept(token);
    }
    const end = sampler.sample(logits(77), 9) as number;
    expect(vocabulary.isEndOfGeneration(end)).toBe(true);
    const ends = Array.from({ length: vocabulary.size }, (_, token) => token).filter((token) =>
      vocabulary.isEndOfGeneration(token),
    );
    const endless = open({ temperature: 0 }, { gbnf: 'root ::= ""', root: "root" }, ends);
    expect(endless.sample(logits(77), 0)).toBeNull();
  });

  test("a grammar that sleeps binds only after the token that wakes it", () => {
    const sampler = open({ temperature: 0 }, { gbnf: "root ::= [0-9]+", root: "root", sleepsUntil: 33 });
    expect(sampler.sample(logits(77), 0)).toBe(77);
    sampler.accept(77);
    sampler.accept(33);
    const chosen = sampler.sample(logits(77), 2) as number;
    expect(Buffer.from(model.vocabulary.piece(chosen)).toString()).toMatch(/^[0-9]+$/);
  });

  const lazy = { gbnf: 'root ::= "<to" "X"+ "ol"', root: "root", triggerPatterns: ["(<to)"] };
  const feed = (sampler: TokenSampler, text: string) => {
    for (const token of model.vocabulary.tokenize(text, false, false)) {
      expect(sampler.allows(token), text).toBe(true);
      sampler.accept(token);
    }
  };

  test("a lazy grammar binds from its trigger on, wherever tokens begin", () => {
    const sampler = open({ temperature: 0 }, lazy);
    feed(sampler, "Some text, é and a mark: <t");
    expect(sampler.sample(logits(77), 0)).toBe(77);
    feed(sampler, "o");
    const chosen = sampler.sample(logits(77), 1) as number;
    expect(Buffer.from(model.vocabulary.piece(chosen)).toString()).toMatch(/^X/);
  });

  test("a trigger that the grammar cannot go on from is text, and the next one counts", () => {
    const sampler = open({ temperature: 0 }, lazy);
    // One token holds the trigger's end and what the grammar does not allow after it.
    feed(sampler, "<tool");
    expect(sampler.sample(logits(77), 0)).toBe(77);
    feed(sampler, " is no call <toX");
    expect(sampler.sample(logits(77), 1)).not.toBe(77);
    feed(sampler, "XXol");
    const end = sampler.sample(logits(77), 2) as number;
    expect(model.vocabulary.isEndOfGeneration(end)).toBe(true);
    sampler.dispose();
  });

  test("libllama takes every grammar made from the sample schemas, and refuses a broken one", () => {
    for (const { name, schema } of SAMPLE_SCHEMAS) {
      const grammar = new GrammarSampler(model, { gbnf: jsonSchemaToGbnf(schema), root: "root" });
      expect(grammar.disposed, name).toBe(false);
      grammar.dispose();
    }
    expect(() => new GrammarSampler(model, { gbnf: "root ::= undefined-rule", root: "root" })).toThrow(
      "cannot parse the grammar",
    );
  });
});
