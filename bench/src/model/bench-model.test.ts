import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { benchModel } from "./bench-model.ts";
import { BENCH_DIMENSIONS, type Dimensions, parameterCount } from "./dimensions.ts";
import { QUANTS } from "./quant-mix.ts";

const SMALL: Dimensions = { layers: 8, embedding: 256, heads: 4, kvHeads: 2, feedForward: 512, vocabulary: 21_000, context: 128 };

function digest(seed: number): { sha256: string; bytes: number } {
  const hash = createHash("sha256");
  let bytes = 0;
  for (const chunk of benchModel(SMALL, "q4_k_m", seed).chunks()) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { sha256: hash.digest("hex"), bytes };
}

test("the bench's model has 1.1 billion parameters", () => {
  expect(parameterCount(BENCH_DIMENSIONS) / 1e9).toBeCloseTo(1.1, 2);
});

test("the same seed gives the same bytes, another seed others, and as many as the header promises", () => {
  const model = benchModel(SMALL, "q4_k_m", 1);
  expect(digest(1)).toEqual(digest(1));
  expect(digest(2).sha256).not.toBe(digest(1).sha256);
  expect(digest(1).bytes).toBe(model.bytes - model.header.length);
});

test.each(QUANTS)("%s mixes block types as llama.cpp's quantiser does", (quant) => {
  const types = new Map(benchModel(SMALL, quant, 1).tensors.map((tensor) => [tensor.name, tensor.type]));
  const isMixed = quant === "q4_k_m";
  expect(types.get("output.weight")).toBe("Q6_K");
  expect(types.get("output_norm.weight")).toBe("F32");
  expect(types.get("token_embd.weight")).toBe(isMixed ? "Q4_K" : "Q4_0");
  const downs = Array.from({ length: 8 }, (_, layer) => types.get(`blk.${layer}.ffn_down.weight`));
  // Layers 0 and 7 are the outer eighths; 3 and 6 are every third between.
  const six = [0, 3, 6, 7];
  expect(downs).toEqual(downs.map((_, layer) => (isMixed ? (six.includes(layer) ? "Q6_K" : "Q4_K") : "Q4_0")));
});
