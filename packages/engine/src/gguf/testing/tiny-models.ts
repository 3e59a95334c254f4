import { type FixtureValue, writeGguf } from "./write-gguf.ts";

/** A llama-shaped GGUF of some KiB whose weights are `fill` repeated, so that two of them differ. */
export function tinyModel(
  options: { fill?: number; weightBytes?: number; metadata?: Record<string, FixtureValue> } = {},
): Buffer {
  const elements = Math.ceil((options.weightBytes ?? 4096) / 4);
  const data = Buffer.alloc(elements * 4);
  // A cheap sequence, so that bytes moved to the wrong place are found by the checksum.
  for (let i = 0, x = options.fill ?? 1; i < data.length; i += 4) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    data.writeUInt32LE(x, i);
  }
  return writeGguf({
    metadata: {
      "general.architecture": "llama",
      "general.file_type": 2,
      "general.license": "apache-2.0",
      "llama.context_length": 512,
      "llama.embedding_length": 64,
      "llama.block_count": 2,
      "tokenizer.ggml.tokens": ["<s>", "</s>", "a"],
      "tokenizer.chat_template": "{% for m in messages %}{{ m.content }}{% endfor %}{% if tools %}{{ tools }}{% endif %}<think>",
      ...options.metadata,
    },
    tensors: [
      { name: "token_embd.weight", dimensions: [32, 2], type: "Q4_0" },
      { name: "output.weight", dimensions: [elements], data },
    ],
  });
}

/** A LoRA adapter for `tinyModel`. */
export function tinyAdapter(options: { architecture?: string; fill?: number } = {}): Buffer {
  return writeGguf({
    metadata: {
      "general.type": "adapter",
      "general.architecture": options.architecture ?? "llama",
      "adapter.type": "lora",
      "adapter.lora.alpha": { type: "float32", value: 16 },
    },
    tensors: [
      { name: "blk.0.attn_q.weight.lora_a", dimensions: [64, 4], data: Buffer.alloc(1024, options.fill ?? 1) },
      { name: "blk.0.attn_q.weight.lora_b", dimensions: [4, 64] },
    ],
  });
}
