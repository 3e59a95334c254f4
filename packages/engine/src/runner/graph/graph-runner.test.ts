import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readGguf } from "../../gguf/read-gguf.ts";
import { LlamaRunner } from "../llama-runner.ts";
import type { Runner } from "../runner.ts";
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

/** Logits of the last position after positions [from, to) of a sequence were computed in one batch. */
function extend(runner: Runner, sequence: number, from: number, to: number): Float32Array {
  runner.begin("");
  let index = 0;
  for (let at = from; at < to; at++) index = runner.add(token(sequence, at), at, sequence, at === to - 1);
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

test("a sequence in many pieces, among others in one batch, is computed as one alone", async () => {
  const { ours, theirs } = await pair("pieces", randomModel("llama", {}));
  // Three sequences grow side by side and one goes, so that the next one fills holes.
  for (let at = 0; at < 96; at += 8) for (const sequence of [1, 2, 3]) extend(ours, sequence, at, at + 8);
  ours.forget(2, 0, null);
  ours.share(1, 4, 0, 50);
  for (let at = 50; at < 130; at += 16) {
    ours.begin("");
    for (let position = at; position < at + 16; position++) ours.add(token(1, position), position, 4, false);
    const others = [1, 3].map((sequence) => ours.add(token(sequence, 96 + at - 50), 96 + at - 50, sequence, true));
    expect(ours.run()).toBe("ok");
    expect(others.every((index) => ours.logits(index).every(Number.isFinite))).toBe(true);
    // Only the first of the two was at its own next position; what they computed beyond is dropped again.
    for (const sequence of [1, 3]) ours.forget(sequence, 96, null);
  }
  ours.begin("");
  const index = ours.add(token(1, 130), 130, 4, true);
  expect(ours.run()).toBe("ok");
  for (let at = 0; at < 131; at += 44) extend(theirs, 1, at, Math.min(at + 44, 131));
  theirs.forget(1, 130, null);
  expectClose(ours.logits(index), extend(theirs, 1, 130, 131));
  ours.dispose();
  theirs.dispose();
});

test("a model whose graph is another one is left to libllama, and the reason is said", async () => {
  const path = join(folder, "phi.gguf");
  writeFileSync(path, randomModel("phi3", {}));
  expect(readModelShape(await readGguf(path))).toBe("architecture phi3");
});
