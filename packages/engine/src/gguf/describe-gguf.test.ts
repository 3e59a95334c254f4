import { expect, test } from "vitest";
import { memorySource } from "./byte-source.ts";
import { abilitiesOf, describeGguf, quantizationOf } from "./describe-gguf.ts";
import { parseGguf } from "./read-gguf.ts";
import { tinyModel } from "./testing/tiny-models.ts";
import { writeGguf } from "./testing/write-gguf.ts";

test("a model is described from its header", async () => {
  const bytes = tinyModel({ weightBytes: 4096 });
  const header = await parseGguf(memorySource(bytes));
  expect(describeGguf(header, "tiny", bytes.length, ["pirate"])).toEqual({
    name: "tiny",
    architecture: "llama",
    parameters: 64 + 1024,
    quantization: "Q4_0",
    sizeBytes: bytes.length,
    contextLength: 512,
    embeddingLength: 64,
    layers: 2,
    vocabularySize: 3,
    abilities: ["chat", "completion", "tools", "reasoning"],
    adapters: ["pirate"],
    license: "apache-2.0",
  });
});

test("without a file type the quantization is that of most weights", async () => {
  const header = await parseGguf(
    memorySource(
      writeGguf({
        metadata: {},
        tensors: [
          { name: "norm", dimensions: [32] },
          { name: "w", dimensions: [256, 4], type: "Q6_K" },
        ],
      }),
    ),
  );
  expect(quantizationOf(header)).toBe("Q6_K");
});

test.each([
  ["bert", null, null, ["embedding"]],
  ["bert", 4, null, ["rerank"]],
  ["qwen3", 3, "{{ messages }}", ["embedding"]],
  ["qwen3", 4, "{{ messages }}", ["rerank"]],
  ["llama", null, null, ["completion"]],
  ["llama", 0, "{{ messages }}", ["chat", "completion"]],
  ["llama", null, "{% if tools %}", ["chat", "completion", "tools"]],
  ["qwen3", null, "{{ enable_thinking }}", ["chat", "completion", "reasoning"]],
] as const)("abilities of %s with pooling %s and template %s", (architecture, pooling, template, expected) => {
  expect(abilitiesOf(architecture, pooling, template)).toEqual(expected);
});
