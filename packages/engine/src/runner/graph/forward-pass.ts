import type { Tensor, TensorArena } from "@arriero/ggml";
import type { LowRank } from "./adapter-weights.ts";
import { Attention } from "./attention.ts";
import type { BatchPlan } from "./batch-plan.ts";
import type { KvMemory } from "./kv-memory.ts";
import type { ModelShape } from "./model-shape.ts";
import type { LayerWeights, ModelWeights } from "./model-weights.ts";
import type { StepInputs } from "./step-inputs.ts";

const F16 = 2;
const F32 = 4;

export interface ForwardParts {
  readonly shape: ModelShape;
  readonly weights: ModelWeights;
  readonly kv: KvMemory;
  readonly inputs: StepInputs;
  /** By the name of the matrix that each changes; empty: the bare model. */
  readonly changes: ReadonlyMap<string, LowRank>;
}

/** What is left to write before a graph runs, and to read afterwards. */
export interface ForwardGraph {
  /** Half precision; null where nothing attends. */
  readonly masks: Tensor | null;
  /** [vocabulary, outputs]; null where no logits are wanted. */
  readonly logits: Tensor | null;
}

/** Tensors that the graph of a batch has at most. */
export function graphSize(plan: BatchPlan, layers: number): number {
  const inPieces = [...plan.pieces, ...plan.last].reduce((sum, { runs }) => sum + 24 + 10 * runs.length, 0);
  return layers * (120 + inPieces) + 64;
}

/** Columns of a step's activations: the batch's tokens, and those added so that every product is of one kind. */
export interface ForwardWidth {
  readonly tokens: number;
  readonly outputs: number;
}

/** Adds the forward pass of one batch to an empty arena: embed, layers, head. */
export function buildForward(arena: TensorArena, parts: ForwardParts, plan: BatchPlan, width: ForwardWidth): ForwardGraph {
  return new ForwardPass(arena, parts, plan, width).build();
}

class ForwardPass {
  readonly #arena: TensorArena;
  readonly #parts: ForwardParts;
  readonly #plan: BatchPlan;
  readonly #tokens: number;
  readonly #outputs: number;
  readonly #masks: Tensor;

  constructor(arena: TensorArena, parts: ForwardParts, plan: BatchPlan, { tokens, outputs }: ForwardWidth) {
    this.#arena = arena;
    this.#parts = parts;
    this.#plan = plan;
    this.#tokens = tokens;
    this.#outputs = outputs;
    this.#masks = arena.tensor("F16", plan.maskElements);
    arena.ops.setInput(this.#masks);
  }

  build(): ForwardGraph {
    const { ops, pointer } = this.#arena;
    const { inputs, weights } = this.#parts;
    const outputs = this.#outputs;
    let stream = ops.getRows(pointer, weights.embedding, this.#indices(inputs.tokens.tensor, this.#tokens));
    for (const layer of weights.layers.slice(0, -1)) {
      stream = this.#feedForward(layer, this.#attend(layer, stream, stream, this.#tokens), this.#tokens);
    }
    // In the last layer only the tokens whose logits are wanted go on; the others leave their keys and values there.
    const last = weights.layers.at(-1) as LayerWeights;
    if (outputs === 0) {
      this.#remember(last, this.#norm(stream, last.attentionNorm));
      return { masks: weights.layers.length > 1 ? this.#masks : null, logits: null };
    }
    const wanted = ops.getRows(pointer, stream, this.#indices(inputs.outputs.tensor, outputs));
    stream = this.#feedForward(last, this.#attend(last, stream, wanted, outputs), outputs);
    const logits = this.#linear("output", weights.head, this.#norm(stream, weights.outputNorm), outputs);
    ops.setOutput(logits);
    this.#arena.expand(logits);
    return { masks: this.#masks, logits };
  }

  /**
   * Attention with its residual.
   *
   * @param all the stream of every token of the batch: [embedding, tokens]
   * @param asking the stream of those that go on, `rows` of them
   */
  #attend(layer: LayerWeights, all: Tensor, asking: Tensor, rows: number): Tensor {
    const { ops, pointer } = this.#arena;
    const { shape, inputs, kv } = this.#parts;
    const isLast = asking !== all;
    const normed = this.#norm(all, layer.attentionNorm);
    this.#remember(layer, normed);
    const asked = isLast ? this.#norm(asking, layer.attentionNorm) : normed;
    const positions = isLast ? inputs.outputPositions.tensor : inputs.positions.tensor;
    const q = this.#rope(
      this.#heads(this.#project(layer, "attn_q", layer.q, layer.qBias, asked, rows), shape.heads, rows, layer.qNorm),
      this.#indices(positions, rows),
    );
    this.#arena.expand(q);
    const attention = new Attention(this.#arena, shape, kv, inputs, this.#masks);
    for (const piece of isLast ? this.#plan.last : this.#plan.pieces) attention.add(layer.index, q, piece);
    const width = shape.heads * shape.headLength;
    const gathered = ops.view2(pointer, inputs.attention, width, rows, width * F32, 0);
    return ops.add(pointer, this.#linear(`blk.${layer.index}.attn_output`, layer.output, gathered, rows), asking);
  }

  /** Writes the keys and values of all tokens of the batch to their cells. */
  #remember(layer: LayerWeights, normed: Tensor): void {
    const { ops, pointer } = this.#arena;
    const { shape, inputs, kv } = this.#parts;
    const tokens = this.#tokens;
    const k = this.#rope(
      this.#heads(this.#project(layer, "attn_k", layer.k, layer.kBias, normed, tokens), shape.kvHeads, tokens, layer.kNorm),
      this.#indices(inputs.positions.tensor, tokens),
    );
    const v = this.#project(layer, "attn_v", layer.v, layer.vBias, normed, tokens);
    const keyRows = ops.view2(pointer, k, kv.width, tokens, kv.width * F32, 0);
    this.#arena.expand(
      ops.setRows(pointer, kv.keys[layer.index] as Tensor, keyRows, this.#indices(inputs.keyRows.tensor, tokens)),
    );
    // Values go one by one: each to its own row of the region.
    const values = kv.values[layer.index] as Tensor;
    const cellCount = Number(ops.bytes(values)) / F16;
    const valueRows = ops.view2(pointer, v, 1, kv.width * tokens, F32, 0);
    const elements = ops.view2(pointer, values, 1, cellCount, F16, 0);
    this.#arena.expand(ops.setRows(pointer, elements, valueRows, this.#indices(inputs.valueRows.tensor, kv.width * tokens)));
  }

  #feedForward(layer: LayerWeights, stream: Tensor, columns: number): Tensor {
    const { ops, pointer } = this.#arena;
    const normed = this.#norm(stream, layer.ffnNorm);
    const name = (part: string) => `blk.${layer.index}.${part}`;
    const gate = this.#linear(name("ffn_gate"), layer.gate, normed, columns);
    const up = this.#linear(name("ffn_up"), layer.up, normed, columns);
    const down = this.#linear(name("ffn_down"), layer.down, ops.swiglu(pointer, gate, up), columns);
    return ops.add(pointer, down, stream);
  }

  #project(layer: LayerWeights, part: string, matrix: Tensor, bias: Tensor | null, x: Tensor, columns: number): Tensor {
    const { ops, pointer } = this.#arena;
    const y = this.#linear(`blk.${layer.index}.${part}`, matrix, x, columns);
    return bias === null ? y : ops.add(pointer, y, bias);
  }

  /** A matrix, with what the adapter changes of it. */
  #linear(name: string, matrix: Tensor, x: Tensor, columns: number): Tensor {
    const { ops, pointer } = this.#arena;
    const y = ops.matmul(pointer, matrix, x);
    const change = this.#parts.changes.get(name);
    if (change === undefined) return y;
    // Matrices of whole floats treat one column in another order than many: see ModelWeights.steadyColumns.
    const steady = columns === 1 ? ops.concat(pointer, x, x, 1) : x;
    const delta = ops.matmul(pointer, change.b, ops.matmul(pointer, change.a, steady));
    const wanted = columns === 1 ? ops.view1(pointer, delta, change.rows, 0) : delta;
    return ops.add(pointer, y, ops.scale(pointer, wanted, change.scale));
  }

  /** [headLength, heads, tokens], each head normed where the architecture has that. */
  #heads(x: Tensor, heads: number, tokens: number, norm: Tensor | null): Tensor {
    const { ops, pointer } = this.#arena;
    const split = ops.reshape3(pointer, x, this.#parts.shape.headLength, heads, tokens);
    return norm === null ? split : this.#norm(split, norm);
  }

  #norm(x: Tensor, weight: Tensor): Tensor {
    const { ops, pointer } = this.#arena;
    return ops.multiply(pointer, ops.rmsNorm(pointer, x, this.#parts.shape.normEpsilon), weight);
  }

  #rope(x: Tensor, positions: Tensor): Tensor {
    const { ops, pointer } = this.#arena;
    const { rope, contextTrain } = this.#parts.shape;
    const { dimensions, mode, base, scale } = rope;
    const factors = this.#parts.weights.ropeFactors;
    return ops.rope(pointer, x, positions, factors, dimensions, mode, contextTrain, base, scale, 0, 1, 32, 1);
  }

  #indices(tensor: Tensor, length: number): Tensor {
    const { ops, pointer } = this.#arena;
    return ops.view1(pointer, tensor, length, 0);
  }
}
