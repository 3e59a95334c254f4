/** The shape of a llama-architecture model. All counts; `headDim` follows from `embedding / heads`. */
export interface Dimensions {
  readonly layers: number;
  readonly embedding: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly feedForward: number;
  readonly vocabulary: number;
  readonly context: number;
}

/** TinyLlama's shape: 1.1 billion parameters, small enough for two cores, large enough that weights, not overhead, set the pace. */
export const BENCH_DIMENSIONS: Dimensions = {
  layers: 22,
  embedding: 2048,
  heads: 32,
  kvHeads: 4,
  feedForward: 5632,
  vocabulary: 32_000,
  context: 32_768,
};

export interface TensorShape {
  readonly name: string;
  /** Weights in a row: the fan-in of a matrix. */
  readonly columns: number;
  readonly rows: number;
}

/** Every tensor of the model, in the order llama.cpp's converter writes them. */
export function tensorShapes(dimensions: Dimensions): TensorShape[] {
  const { embedding, feedForward, vocabulary, layers } = dimensions;
  const kv = (embedding / dimensions.heads) * dimensions.kvHeads;
  const blocks = Array.from({ length: layers }, (_, layer) => {
    const named = (name: string, columns: number, rows: number) => ({ name: `blk.${layer}.${name}.weight`, columns, rows });
    return [
      named("attn_norm", embedding, 1),
      named("attn_q", embedding, embedding),
      named("attn_k", embedding, kv),
      named("attn_v", embedding, kv),
      named("attn_output", embedding, embedding),
      named("ffn_norm", embedding, 1),
      named("ffn_gate", embedding, feedForward),
      named("ffn_up", embedding, feedForward),
      named("ffn_down", feedForward, embedding),
    ];
  });
  return [
    { name: "token_embd.weight", columns: embedding, rows: vocabulary },
    ...blocks.flat(),
    { name: "output_norm.weight", columns: embedding, rows: 1 },
    { name: "output.weight", columns: embedding, rows: vocabulary },
  ];
}

export function parameterCount(dimensions: Dimensions): number {
  return tensorShapes(dimensions).reduce((sum, shape) => sum + shape.columns * shape.rows, 0);
}
