import type { EmbeddingModelV3 } from "@ai-sdk/provider";
import { EmbeddingRequest } from "@arriero/spec";
import { expect, it } from "vitest";
import { embedAll } from "./embed-all.ts";

function model(most: number, calls: string[][], failing: string | null = null): EmbeddingModelV3 {
  return {
    specificationVersion: "v3",
    provider: "p",
    modelId: "m",
    maxEmbeddingsPerCall: most,
    supportsParallelCalls: true,
    async doEmbed({ values }) {
      calls.push(values);
      if (failing !== null && values.includes(failing)) throw new Error("refused");
      return { embeddings: values.map((value) => [Number(value), 1]), usage: { tokens: values.length }, warnings: [] };
    },
  };
}
const request = (count: number) =>
  EmbeddingRequest.parse({ id: "e", model: "m", inputs: Array.from({ length: count }, (_, i) => String(i)), normalize: false });
const { signal } = new AbortController();

it("asks in as many calls as needed and keeps the order", async () => {
  const calls: string[][] = [];
  const { promptTokens, vectors } = await embedAll(model(3, calls), request(10), signal);
  expect(calls.map((values) => values.length).sort()).toEqual([1, 3, 3, 3]);
  expect(vectors.map(([first]) => first)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(promptTokens).toBe(10);
});

it("asks no further where one call failed", async () => {
  const calls: string[][] = [];
  await expect(embedAll(model(1, calls, "3"), request(100), signal)).rejects.toThrow("refused");
  expect(calls.length).toBeLessThan(20);
});

it("takes no token ids", async () => {
  const ids = EmbeddingRequest.parse({ id: "e", model: "m", inputs: [[1, 2]] });
  await expect(embedAll(model(1, []), ids, signal)).rejects.toMatchObject({ code: "unsupported" });
});
