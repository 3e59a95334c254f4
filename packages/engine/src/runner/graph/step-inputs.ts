import type { Compute, Tensor } from "@arriero/ggml";
import { NativeObject, TensorArena, TensorBuffer, tensorBytes } from "@arriero/ggml";
import type { KvMemory } from "./kv-memory.ts";
import type { ModelShape } from "./model-shape.ts";

/** An array of whole numbers that a graph reads and we write. */
interface Indices {
  readonly tensor: Tensor;
  readonly view: Int32Array;
}

/** A column of a step's activations. */
export interface Column {
  readonly token: number;
  readonly position: number;
  /** Where its keys and values go. */
  readonly cell: number;
}

/** What every step's graph reads from, reused from step to step, and where its attention comes together. */
export class StepInputs extends NativeObject {
  readonly tokens: Indices;
  readonly positions: Indices;
  /** Cell of each token: the row of its keys. */
  readonly keyRows: Indices;
  /** Element of each value of each token. */
  readonly valueRows: Indices;
  /** Tokens whose logits are wanted, and their positions. */
  readonly outputs: Indices;
  readonly outputPositions: Indices;
  /** [heads * headLength, batchTokens]: the attention of one layer. */
  readonly attention: Tensor;
  /** Where the keys of a sequence in several runs come together, and its values: half precision, for any sequence. */
  readonly gatheredKeys: Tensor;
  readonly gatheredValues: Tensor;

  constructor(compute: Compute, shape: ModelShape, kv: KvMemory, batchTokens: number, cells: number) {
    super(compute);
    const arena = new TensorArena(this, 16);
    const declare = (length: number) => arena.tensor("I32", length);
    const tensors = [1, 1, 1, kv.width, 1, 1].map((width) => declare(width * batchTokens));
    this.attention = arena.tensor("F32", shape.heads * shape.headLength, batchTokens);
    this.gatheredKeys = arena.tensor("F16", kv.width * cells);
    this.gatheredValues = arena.tensor("F16", kv.width * cells);
    new TensorBuffer(arena, compute.plain);
    const indices = tensors.map((tensor): Indices => ({ tensor, view: new Int32Array(tensorBytes(arena.ops, tensor)) }));
    [this.tokens, this.positions, this.keyRows, this.valueRows, this.outputs, this.outputPositions] = indices as [
      Indices,
      Indices,
      Indices,
      Indices,
      Indices,
      Indices,
    ];
  }

  /** @param outputs indices of the columns whose logits are wanted */
  write(columns: readonly Column[], outputs: readonly number[], kv: KvMemory): void {
    for (const [index, { token, position, cell }] of columns.entries()) {
      this.tokens.view[index] = token;
      this.positions.view[index] = position;
      this.keyRows.view[index] = cell;
      const from = kv.valueIndex(cell);
      for (let element = 0; element < kv.width; element++)
        this.valueRows.view[index * kv.width + element] = from + element * kv.valueStride;
    }
    for (const [row, index] of outputs.entries()) {
      this.outputs.view[row] = index;
      this.outputPositions.view[row] = (columns[index] as Column).position;
    }
  }

  protected override free(): void {
    // The arena is a child and frees itself.
  }
}
