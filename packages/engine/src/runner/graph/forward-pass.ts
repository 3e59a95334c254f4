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
}

/** What is left to write before a graph runs, and to read afterwards. */
export interface ForwardGraph {
  /** Half precision; null where nothing attends. */
  readonly masks: Tensor | null;
  /** [vocabulary, outputs]; null where no logits are wanted. */
  readonly logits: Tensor | null;
}

/** Tensors that the graph of a batch has at most. */
export function graphSize(plan: BatchPlan, layers: number, adapters: number): number {
  const inPieces = [...plan.pieces, ...plan.last].reduce((sum, { runs }) => sum + 24 + 10 * runs.length, 0);
  return layers * (120 + inPieces + 70 * adapters) + 64;
}

/** Neighbouring columns under one adapter. */
export interface AdaptedColumns {
  readonly first: number;
  readonly count: number;
  /** By the name of the matrix that each changes. */
  readonly changes: ReadonlyMap<string, LowRank>;
}

/** Columns of a step's activations: the batch's tokens or outputs, and those added so that every product is of one kind. */
export interface Span {
  readonly columns: number;
  readonly adapted: readonly AdaptedColumns[];
}

export interface ForwardWidth {
  readonly tokens: Span;
  readonly outputs: Span;
}

/** Adds the forward pass of one batch to an empty arena: embed, layers, head. */
export function buildForward(arena: TensorArena, parts: ForwardParts, plan: BatchPlan, width: ForwardWidth): ForwardGraph {
  return new ForwardPass(arena, parts, plan, width).build();
}

class ForwardPass {
  readonly #arena: TensorArena;
  readonly #parts: ForwardParts;
  readonly #plan: BatchPlan;
  readonly #tokens: Span;
  readonly #outputs: Span;
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
    let stream = ops.getRows(pointer, weights.embedding, this.#indices(inputs.tokens.tensor, this.#tokens.columns));
    for (const layer of weights.layers.slice(0, -1)) {
      stream = this.#feedForward(layer, this.#attend(layer, stream, stream, this.#tokens), this.#tokens);
    }
    // In the last layer only the tokens whose logits are wanted go on; the others leave their keys and values there.
    const last = weights.layers.at(-1) as LayerWeights;
    if (outputs.columns === 0) {
      this.#remember(last, this.#norm(stream, last.attentionNorm));
      return { masks: weights.layers.length > 1 ? this.#masks : null, logits: null };
    }
    const wanted = ops.getRows(pointer, stream, this.#indices(inputs.outputs.tensor, outputs.columns));
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
   * @param asking the stream of those that go on, the columns of `span`
   */
  #attend(layer: LayerWeights, all: Tensor, asking: Tensor, span: Span): Tensor {
    const { ops, pointer } = this.#arena;
    const { shape, inputs, kv } = this.#parts;
    const rows = span.columns;
    const isLast = asking !== all;
    const normed = this.#norm(all, layer.attentionNorm);
    this.#remember(layer, normed);
    const asked = isLast ? this.#norm(asking, layer.attentionNorm) : normed;
    const positions = isLast ? inputs.outputPositions.tensor : inputs.positions.tensor;
    const q = this.#rope(
      this.#heads(this.#project(layer, "attn_q", layer.q, layer.qBias, asked, span), shape.heads, rows, layer.qNorm),
      this.#indices(positions, rows),
    );
    this.#arena.expand(q);
    const attention = new Attention(this.#arena, shape, kv, inputs, this.#masks);
    for (const piece of isLast ? this.#plan.last : this.#plan.pieces) attention.add(layer.index, q, piece);
    const width = shape.heads * shape.headLength;
    const gathered = ops.view2(pointer, inputs.attention, width, rows, width * F32, 0);
    return ops.add(pointer, this.#linear(`blk.${layer.index}.attn_output`, layer.output, gathered, span), asking);
  }

  /** Writes the keys and values of all tokens of the batch to their cells. */
  #remember(layer: LayerWeights, normed: Tensor): void {
    const { ops, pointer } = this.#arena;
    const { shape, inputs, kv } = this.#parts;
    const tokens = this.#tokens.columns;
    const k = this.#rope(
      this.#heads(this.#project(layer, "attn_k", layer.k, layer.kBias, normed, this.#tokens), shape.kvHeads, tokens, layer.kNorm),
      this.#indices(inputs.positions.tensor, tokens),
    );
    const v = this.#project(layer, "attn_v", layer.v, layer.vBias, normed, this.#tokens);
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

  #feedForward(layer: LayerWeights, stream: Tensor, span: Span): Tensor {
    const { ops, pointer } = this.#arena;
    const normed = this.#norm(stream, layer.ffnNorm);
    const name = (part: string) => `blk.${layer.index}.${part}`;
    const gate = this.#linear(name("ffn_gate"), layer.gate, normed, span);
    const up = this.#linear(name("ffn_up"), layer.up, normed, span);
    const down = this.#linear(name("ffn_down"), layer.down, ops.swiglu(pointer, gate, up), span);
    return ops.add(pointer, down, stream);
  }

  #project(layer: LayerWeights, part: string, matrix: Tensor, bias: Tensor | null, x: Tensor, span: Span): Tensor {
    const { ops, pointer } = this.#arena;
    const y = this.#linear(`blk.${layer.index}.${part}`, matrix, x, span);
    return bias === null ? y : ops.add(pointer, y, bias);
  }

  /** A matrix, with what each adapter changes of it for its own columns. */
  #linear(name: string, matrix: Tensor, x: Tensor, span: Span): Tensor {
    const { ops, pointer } = this.#arena;
    let y = ops.matmul(pointer, matrix, x);
    for (const { first, count, changes } of span.adapted) {
      const change = changes.get(name);
      if (change === undefined) continue;
      const inLength = change.columns * F32;
      const own = ops.view2(pointer, x, change.columns, count, inLength, first * inLength);
      // Matrices of whole floats treat one column in another order than many: see ModelWeights.steadyColumns.
      const steady = count === 1 ? ops.concat(pointer, own, own, 1) : own;
      const product = ops.matmul(pointer, change.b, ops.matmul(pointer, change.a, steady));
      const outLength = change.rows * F32;
      const delta = ops.scale(pointer, ops.view2(pointer, product, change.rows, count, outLength, 0), change.scale);
      const all = outLength * span.columns;
      y = ops.addTo(pointer, y, delta, outLength, all, all, first * outLength);
    }
    return y;
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
