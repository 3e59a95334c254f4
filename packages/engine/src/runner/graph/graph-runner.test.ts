import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readGguf } from "../../gguf/read-gguf.ts";
import { LlamaRunner } from "../llama-runner.ts";
import type { BatchToken, Runner } from "../runner.ts";
import { GraphRunner } from "./graph-runner.ts";
import { readModelShape } from "./model-shape.ts";
import { RANDOM_SHAPE, randomModel } from "./testing/random-model.ts";

const folder = mkdtempSync(join(tmpdir(), "arriero-graph-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const BATCH = 96;

async function pair(name: string, bytes: Buffer): Promise<{ ours: Runner; theirs: Runner }> {
  const modelPath = join(folder, `${name}.gguf`);
  writeFileSync(modelPath, bytes);
  const options = { modelPath, adapters: {}, cells: 512, batchTokens: BATCH, threads: 1, gpuLayers: 0 };
  const header = await readGguf(modelPath);
  const shape = readModelShape(header);
  if (typeof shape === "string") throw new Error(shape);
  return { ours: new GraphRunner({ ...options, header, shape, adapterHeaders: {} }), theirs: new LlamaRunner(options) };
}

const token = (sequence: number, position: number) => (sequence * 7 + position * 11) % RANDOM_SHAPE.vocabulary;

function column(sequence: number, position: number, wantsLogits: boolean, generated: boolean): BatchToken {
  return { token: token(sequence, position), position, sequence, adapter: "", wantsLogits, generated };
}

/** Logits of the last position after positions [from, to) of a sequence were computed in one batch. */
function extend(runner: Runner, sequence: number, from: number, to: number, generated = false): Float32Array {
  runner.begin();
  let index = 0;
  for (let at = from; at < to; at++) index = runner.add(column(sequence, at, at === to - 1, generated));
  expect(runner.run()).toBe("ok");
  return Float32Array.from(runner.logits(index));
}

function expectClose(given: Float32Array, expected: Float32Array): void {
  const largest = Math.max(...expected.map(Math.abs));
  for (const [at, logit] of expected.entries()) expect(Math.abs((given[at] as number) - logit)).toBeLessThan(largest * 0.01);
}

describe.each([
  ["llama", { head: true, ropeFactors: true }],
  ["qwen2", { biases: true }],
  ["qwen3", { headNorms: true, head: true }],
] as const)("%s", (architecture, extras) => {
  test("every way of attention gives libllama's logits, but for rounding", async () => {
    const { ours, theirs } = await pair(architecture, randomModel(architecture, extras));
    // One token, a few (products), enough for stacked rows, and whole tiles; then each on top of the last.
    let at = 0;
    for (const count of [1, 5, 40, 70, 3, 1]) {
      expectClose(extend(ours, 0, at, at + count), extend(theirs, 0, at, at + count));
      at += count;
    }
    ours.dispose();
    theirs.dispose();
  });
});

test("a sequence in many pieces is computed as one alone", async () => {
  const { ours, theirs } = await pair("pieces", randomModel("llama", {}));
  // Three sequences grow side by side and one goes, so that the next one fills holes behind what it shares.
  for (let at = 0; at < 96; at += 8) for (const sequence of [1, 2, 3]) extend(ours, sequence, at, at + 8);
  ours.forget(2, 0, null);
  ours.share(1, 4, 0, 50);
  ours.begin();
  for (let at = 50; at < 130; at++) ours.add({ ...column(1, at, false, at >= 90), sequence: 4 });
  const index = ours.add({ ...column(1, 130, true, true), sequence: 4 });
  expect(ours.run()).toBe("ok");
  for (let at = 0; at < 130; at += 65) extend(theirs, 1, at, at + 65);
  expectClose(ours.logits(index), extend(theirs, 1, 130, 131));
  ours.dispose();
  theirs.dispose();
});

describe("what is computed again is what was computed first, bit by bit", () => {
  const PROMPT = 45;
  const LENGTH = 80;

  /** Logits behind each generated token, one token a step, in the company of `others` that begin at other times. */
  function decodeAll(runner: Runner, others: number): Float32Array[] {
    for (let other = 0; other < others; other++) extend(runner, 10 + other, 0, 3 + other);
    extend(runner, 0, 0, 30);
    const logits = [extend(runner, 0, 30, PROMPT)];
    for (let at = PROMPT; at < LENGTH; at++) {
      runner.begin();
      const index = runner.add(column(0, at, true, true));
      for (let other = 0; other < others; other++) {
        const position = 3 + other + at - PROMPT;
        runner.add(column(10 + other, position, true, true));
      }
      expect(runner.run()).toBe("ok");
      logits.push(Float32Array.from(runner.logits(index)));
    }
    for (let sequence = 0; sequence < 20; sequence++) runner.forget(sequence, 0, null);
    return logits;
  }

  test("in company, alone, and when a continuation computes many generated tokens at once", async () => {
    const { ours, theirs } = await pair("bits", randomModel("llama", { head: true }));
    theirs.dispose();
    const alone = decodeAll(ours, 0);
    expect(decodeAll(ours, 4)).toEqual(alone);
    for (const cut of [PROMPT + 1, PROMPT + 2, 61, LENGTH - 1]) {
      // Elsewhere: pages lie otherwise, the prompt comes in other chunks.
      extend(ours, 7, 0, 40);
      extend(ours, 0, 0, 7);
      extend(ours, 0, 7, PROMPT);
      expect(extend(ours, 0, PROMPT, cut, true)).toEqual(alone[cut - PROMPT]);
      for (let at = cut; at < LENGTH; at++) expect(extend(ours, 0, at, at + 1, true)).toEqual(alone[at + 1 - PROMPT]);
      for (const sequence of [0, 7]) ours.forget(sequence, 0, null);
    }
    ours.dispose();
  });
});

test("a model whose graph is another one is left to libllama, and the reason is said", async () => {
  const path = join(folder, "phi.gguf");
  writeFileSync(path, randomModel("phi3", {}));
  expect(readModelShape(await readGguf(path))).toBe("architecture phi3");
});
