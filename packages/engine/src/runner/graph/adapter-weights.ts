import { closeSync, openSync, readSync } from "node:fs";
import type { Compute, Tensor, TensorType } from "@arriero/ggml";
import { isTensorType, NativeError, NativeObject, TensorArena, TensorBuffer } from "@arriero/ggml";
import { type GgufHeader, numberValue } from "../../gguf/gguf-header.ts";

/** A low-rank change of one matrix: y += scale * B (A x). */
export interface LowRank {
  /** [columns, rank] */
  readonly a: Tensor;
  /** [rank, rows] */
  readonly b: Tensor;
  readonly columns: number;
  readonly rows: number;
  readonly scale: number;
}

const NAME = /^(blk\.\d+\.(?:attn_[qkv]|attn_output|ffn_(?:gate|up|down))|output)\.weight\.lora_([ab])$/;

/** A LoRA adapter's matrices, by the name of the matrix that each changes: `blk.0.attn_q`. */
export class AdapterWeights extends NativeObject {
  readonly changes: ReadonlyMap<string, LowRank>;

  /**
   * @param dimensions [columns, rows] of the model's matrix of that name, null where it has none
   * @throws NativeError where the file is no adapter for this model
   */
  constructor(
    compute: Compute,
    path: string,
    header: GgufHeader,
    dimensions: (matrix: string) => readonly [number, number] | null,
  ) {
    super(compute);
    const arena = new TensorArena(this, header.tensors.length + 1);
    const found = new Map<string, { a?: Tensor; b?: Tensor; rank: number; columns: number; rows: number }>();
    const sources = header.tensors.map((source) => {
      const [, matrix, half] = NAME.exec(source.name) ?? [];
      const shape = matrix === undefined ? null : dimensions(matrix);
      const [ne0 = 1, ne1 = 1] = source.dimensions;
      if (matrix === undefined || shape === null || !isTensorType(source.type))
        return this.#refuse(path, `tensor ${source.name} changes nothing that this model has`);
      if (half === "a" ? ne0 !== shape[0] : ne1 !== shape[1])
        return this.#refuse(path, `${source.name} is ${ne0} x ${ne1} and ${matrix} is ${shape.join(" x ")}`);
      const tensor = arena.tensor(source.type as TensorType, ne0, ne1);
      const entry = found.get(matrix) ?? { rank: 0, columns: shape[0], rows: shape[1] };
      found.set(matrix, half === "a" ? { ...entry, a: tensor, rank: ne1 } : { ...entry, b: tensor });
      return { tensor, source };
    });
    const alpha = numberValue(header, "adapter.lora.alpha") ?? 0;
    this.changes = new Map(
      [...found].map(([matrix, { a, b, rank, columns, rows }]) => {
        if (a === undefined || b === undefined) return this.#refuse(path, `${matrix} has only one half`);
        return [matrix, { a, b, columns, rows, scale: alpha === 0 ? 1 : alpha / rank }];
      }),
    );
    new TensorBuffer(arena, compute.plain);
    const file = openSync(path, "r");
    try {
      for (const { tensor, source } of sources) {
        const bytes = Buffer.alloc(source.bytes);
        if (readSync(file, bytes, 0, bytes.length, header.dataOffset + source.offset) < bytes.length)
          this.#refuse(path, "the file ends before its weights do");
        compute.write(tensor, bytes);
      }
    } finally {
      closeSync(file);
    }
  }

  #refuse(path: string, why: string): never {
    this.dispose();
    throw new NativeError("refused", `the adapter ${path} does not fit this model: ${why}`);
  }

  protected override free(): void {
    // The arena is a child and frees itself.
  }
}
