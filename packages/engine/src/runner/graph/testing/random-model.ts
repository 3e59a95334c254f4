import { writeGguf } from "../../../gguf/testing/write-gguf.ts";

export const RANDOM_SHAPE = { embedding: 64, heads: 4, kvHeads: 2, headLength: 16, feedForward: 96, layers: 2, vocabulary: 40 };

interface Extras {
  readonly biases?: boolean;
  readonly headNorms?: boolean;
  readonly ropeFactors?: boolean;
  readonly head?: boolean;
}

/** A model of random weights, small enough for any test: what it says means nothing, but two engines must agree on it. */
export function randomModel(architecture: string, extras: Extras): Buffer {
  const { embedding, heads, kvHeads, headLength, feedForward, layers, vocabulary } = RANDOM_SHAPE;
  const random = generator(7);
  const matrix = (name: string, ...dimensions: number[]) => ({ name, dimensions, data: values(dimensions, random, 0, 0.2) });
  const norm = (name: string, length: number) => ({ name, dimensions: [length], data: values([length], random, 1, 0.2) });
  const perLayer = (index: number) => {
    const at = (part: string) => `blk.${index}.${part}`;
    const width = kvHeads * headLength;
    return [
      norm(at("attn_norm.weight"), embedding),
      matrix(at("attn_q.weight"), embedding, heads * headLength),
      matrix(at("attn_k.weight"), embedding, width),
      matrix(at("attn_v.weight"), embedding, width),
      matrix(at("attn_output.weight"), heads * headLength, embedding),
      norm(at("ffn_norm.weight"), embedding),
      matrix(at("ffn_gate.weight"), embedding, feedForward),
      matrix(at("ffn_up.weight"), embedding, feedForward),
      matrix(at("ffn_down.weight"), feedForward, embedding),
      ...(extras.biases
        ? [matrix(at("attn_q.bias"), heads * headLength), matrix(at("attn_k.bias"), width), matrix(at("attn_v.bias"), width)]
        : []),
      ...(extras.headNorms ? [norm(at("attn_q_norm.weight"), headLength), norm(at("attn_k_norm.weight"), headLength)] : []),
    ];
  };
  return writeGguf({
    metadata: {
      "general.architecture": architecture,
      [`${architecture}.context_length`]: 512,
      [`${architecture}.embedding_length`]: embedding,
      [`${architecture}.block_count`]: layers,
      [`${architecture}.feed_forward_length`]: feedForward,
      [`${architecture}.attention.head_count`]: heads,
      [`${architecture}.attention.head_count_kv`]: kvHeads,
      [`${architecture}.attention.key_length`]: headLength,
      [`${architecture}.attention.value_length`]: headLength,
      [`${architecture}.rope.dimension_count`]: headLength,
      [`${architecture}.rope.freq_base`]: { type: "float32", value: 1000 },
      [`${architecture}.attention.layer_norm_rms_epsilon`]: { type: "float32", value: 1e-5 },
      [`${architecture}.vocab_size`]: vocabulary,
      "tokenizer.ggml.model": "no_vocab",
    },
    tensors: [
      matrix("token_embd.weight", embedding, vocabulary),
      norm("output_norm.weight", embedding),
      ...(extras.head ? [matrix("output.weight", embedding, vocabulary)] : []),
      ...(extras.ropeFactors ? [norm("rope_freqs.weight", headLength / 2)] : []),
      ...Array.from({ length: layers }, (_, index) => perLayer(index)).flat(),
    ],
  });
}

function values(dimensions: readonly number[], random: () => number, mean: number, spread: number): Uint8Array {
  const count = dimensions.reduce((a, b) => a * b, 1);
  return new Uint8Array(Float32Array.from({ length: count }, () => mean + spread * random()).buffer);
}

/** Uniform in [-1, 1), always the same: a linear congruential generator. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}
