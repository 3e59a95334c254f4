import { closeSync, openSync, readSync } from "node:fs";
import type { BufferTypePointer, Compute, Tensor, TensorType } from "@arriero/ggml";
import { NativeError, NativeObject, TensorArena, TensorBuffer } from "@arriero/ggml";
import type { GgufHeader, GgufTensor } from "../../gguf/gguf-header.ts";

/** The matrices and vectors of one layer. Absent: the architecture has none. */
export interface LayerWeights {
  readonly index: number;
  readonly attentionNorm: Tensor;
  readonly q: Tensor;
  readonly k: Tensor;
  readonly v: Tensor;
  readonly qBias: Tensor | null;
  readonly kBias: Tensor | null;
  readonly vBias: Tensor | null;
  readonly qNorm: Tensor | null;
  readonly kNorm: Tensor | null;
  readonly output: Tensor;
  readonly ffnNorm: Tensor;
  readonly gate: Tensor;
  readonly up: Tensor;
  readonly down: Tensor;
}

const FLOATS = new Set(["F32", "F16", "BF16"]);

/** A tensor to be, and where its elements are in the file. */
interface Loading {
  readonly tensor: Tensor;
  readonly source: GgufTensor;
}

/**
 * A model's weights in memory: matrices where this processor multiplies them fastest, the rest plain. The elements are
 * copied out of the file, which may change or go afterwards.
 */
export class ModelWeights extends NativeObject {
  readonly embedding: Tensor;
  readonly layers: readonly LayerWeights[];
  readonly outputNorm: Tensor;
  /**
   * Columns from which on a product gives a column the same bits whatever the others are. Below, matrices of whole floats
   * are multiplied in another order.
   */
  readonly steadyColumns: number;
  /** The output head; the embedding's own matrix, once more, where the model has none. */
  readonly head: Tensor;
  readonly ropeFactors: Tensor | null;
  readonly #arenas = new Map<BufferTypePointer, TensorArena>();
  readonly #best = new Map<string, BufferTypePointer>();
  readonly #loading: Loading[] = [];
  readonly #compute: Compute;
  readonly #header: GgufHeader;

  /** @throws NativeError where a tensor is missing or memory is out */
  constructor(compute: Compute, path: string, header: GgufHeader, layers: number) {
    super(compute);
    this.#compute = compute;
    this.#header = header;
    this.embedding = this.#plain("token_embd.weight");
    this.layers = Array.from({ length: layers }, (_, index) => this.#layer(index));
    this.outputNorm = this.#plain("output_norm.weight");
    this.head = this.#find("output.weight") === undefined ? this.#matrix("token_embd.weight") : this.#matrix("output.weight");
    this.ropeFactors = this.#optional("rope_freqs.weight");
    this.steadyColumns = this.#loading.some(({ source }) => source.dimensions.length > 1 && FLOATS.has(source.type)) ? 2 : 1;
    for (const [type, arena] of this.#arenas) new TensorBuffer(arena, type);
    this.#read(path);
  }

  #layer(index: number): LayerWeights {
    const name = (part: string) => `blk.${index}.${part}`;
    const matrix = (part: string) => this.#matrix(name(`${part}.weight`));
    const optional = (part: string) => this.#optional(name(part));
    return {
      index,
      attentionNorm: this.#plain(name("attn_norm.weight")),
      q: matrix("attn_q"),
      k: matrix("attn_k"),
      v: matrix("attn_v"),
      qBias: optional("attn_q.bias"),
      kBias: optional("attn_k.bias"),
      vBias: optional("attn_v.bias"),
      qNorm: optional("attn_q_norm.weight"),
      kNorm: optional("attn_k_norm.weight"),
      output: matrix("attn_output"),
      ffnNorm: this.#plain(name("ffn_norm.weight")),
      gate: matrix("ffn_gate"),
      up: matrix("ffn_up"),
      down: matrix("ffn_down"),
    };
  }

  #matrix(name: string): Tensor {
    const source = this.#demand(name);
    const [columns = 1, rows = 1] = source.dimensions;
    const key = `${source.type} ${columns} ${rows}`;
    const best = this.#best.get(key) ?? this.#compute.bestFor(source.type as TensorType, columns, rows);
    this.#best.set(key, best);
    return this.#declare(source, best);
  }

  #plain(name: string): Tensor {
    return this.#declare(this.#demand(name), this.#compute.plain);
  }

  #optional(name: string): Tensor | null {
    return this.#find(name) === undefined ? null : this.#plain(name);
  }

  #declare(source: GgufTensor, memory: BufferTypePointer): Tensor {
    const arena = this.#arenas.get(memory) ?? new TensorArena(this, 2 * this.#header.tensors.length + 2);
    this.#arenas.set(memory, arena);
    const tensor = arena.tensor(source.type as TensorType, source.dimensions[0] ?? 1, source.dimensions[1] ?? 1);
    this.#loading.push({ tensor, source });
    return tensor;
  }

  #find(name: string): GgufTensor | undefined {
    return this.#header.tensors.find((tensor) => tensor.name === name);
  }

  #demand(name: string): GgufTensor {
    const found = this.#find(name);
    if (found === undefined) throw new NativeError("refused", `the model has no tensor ${name}`);
    return found;
  }

  #read(path: string): void {
    const file = openSync(path, "r");
    try {
      const scratch = Buffer.allocUnsafe(this.#loading.reduce((most, { source }) => Math.max(most, source.bytes), 0));
      for (const { tensor, source } of this.#loading.splice(0)) {
        const bytes = scratch.subarray(0, source.bytes);
        readFully(file, bytes, this.#header.dataOffset + source.offset);
        this.#compute.write(tensor, bytes);
      }
    } finally {
      closeSync(file);
    }
  }

  protected override free(): void {
    // The arenas are children and free themselves.
  }
}

function readFully(file: number, into: Buffer, position: number): void {
  for (let done = 0; done < into.length; ) {
    const read = readSync(file, into, done, into.length - done, position + done);
    if (read === 0) throw new NativeError("refused", "the model file ends before its weights do");
    done += read;
  }
}
