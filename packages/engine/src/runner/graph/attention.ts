import type { Tensor, TensorArena } from "@arriero/ggml";
import type { Piece } from "./batch-plan.ts";
import type { KvMemory } from "./kv-memory.ts";
import type { ModelShape } from "./model-shape.ts";
import type { Run } from "./page-table.ts";

const F16 = 2;
const F32 = 4;

/**
 * Adds the attention of one layer to a graph. Every piece attends to the pages of its own sequence and to no other cell,
 * so what it costs does not depend on who else runs or rests.
 */
export class Attention {
  readonly #arena: TensorArena;
  readonly #shape: ModelShape;
  readonly #kv: KvMemory;
  /** Half precision, all pieces' masks one behind the other. */
  readonly #masks: Tensor;
  /** [heads * headLength, tokens] */
  readonly #result: Tensor;
  readonly #group: number;
  readonly #scale: number;

  constructor(arena: TensorArena, shape: ModelShape, kv: KvMemory, masks: Tensor, result: Tensor) {
    this.#arena = arena;
    this.#shape = shape;
    this.#kv = kv;
    this.#masks = masks;
    this.#result = result;
    this.#group = shape.heads / shape.kvHeads;
    this.#scale = 1 / Math.sqrt(shape.headLength);
  }

  /** @param q [headLength, heads, tokens], contiguous; the result has the same layout */
  add(layer: number, q: Tensor, piece: Piece): void {
    switch (piece.kind) {
      case "products":
        if (piece.count === 1) this.#oneToken(layer, q, piece);
        else this.#fewTokens(layer, q, piece);
        break;
      case "tiles":
        this.#tiles(layer, q, piece);
        break;
      case "stacked":
        this.#stacked(layer, q, piece);
        break;
      default:
        piece.kind satisfies never;
    }
  }

  /** The heads that share keys are the columns of one product. */
  #oneToken(layer: number, q: Tensor, piece: Piece): void {
    const { ops, pointer } = this.#arena;
    const { headLength, kvHeads, heads } = this.#shape;
    const columns = this.#group;
    const queries = ops.view3(
      pointer,
      q,
      headLength,
      columns,
      kvHeads,
      headLength * F32,
      headLength * columns * F32,
      this.#offset(piece),
    );
    const scores = this.#scores(layer, queries, piece);
    const byHead = ops.reshape3(pointer, scores, piece.cells, 1, heads);
    const weights = ops.softMax(pointer, byHead, this.#mask(piece), this.#scale, 0);
    const grouped = ops.reshape3(pointer, weights, piece.cells, columns, kvHeads);
    this.#store(this.#weighted(layer, grouped, piece, columns, kvHeads), piece);
  }

  #fewTokens(layer: number, q: Tensor, piece: Piece): void {
    const { ops, pointer } = this.#arena;
    const { heads } = this.#shape;
    const scores = this.#scores(layer, this.#queries(q, piece), piece);
    const weights = ops.softMax(pointer, scores, this.#mask(piece), this.#scale, 0);
    const output = this.#weighted(layer, weights, piece, piece.count, heads);
    this.#store(ops.permute(pointer, output, 0, 2, 1, 3), piece);
  }

  #tiles(layer: number, q: Tensor, piece: Piece): void {
    this.#store(this.#flash(layer, this.#queries(q, piece), piece), piece);
  }

  /** Rows by token and head of a group: enough of them for a tile where the tokens alone are not. */
  #stacked(layer: number, q: Tensor, piece: Piece): void {
    const { ops, pointer } = this.#arena;
    const { headLength, kvHeads, heads } = this.#shape;
    const group = this.#group;
    const perHead = headLength * F32;
    const byToken = ops.view4(
      pointer,
      q,
      headLength,
      group,
      kvHeads,
      piece.count,
      perHead,
      perHead * group,
      perHead * heads,
      this.#offset(piece),
    );
    const rows = ops.contiguous(pointer, ops.permute(pointer, byToken, 0, 1, 3, 2));
    const output = this.#flash(layer, ops.reshape3(pointer, rows, headLength, group * piece.count, kvHeads), piece);
    const byGroup = ops.reshape4(pointer, output, headLength, kvHeads, group, piece.count);
    this.#store(ops.permute(pointer, byGroup, 0, 2, 1, 3), piece);
  }

  /** [headLength, tokens, heads] */
  #queries(q: Tensor, piece: Piece): Tensor {
    const { headLength, heads } = this.#shape;
    const { ops, pointer } = this.#arena;
    return ops.view3(pointer, q, headLength, piece.count, heads, heads * headLength * F32, headLength * F32, this.#offset(piece));
  }

  /** Products of keys and queries: [cells, columns, heads or kvHeads], unscaled. */
  #scores(layer: number, queries: Tensor, piece: Piece): Tensor {
    const { ops, pointer } = this.#arena;
    const { headLength, kvHeads } = this.#shape;
    const { width, keys } = this.#kv;
    const parts = piece.runs.map((run) => {
      const cells = ops.view3(
        pointer,
        keys[layer] as Tensor,
        headLength,
        run.length,
        kvHeads,
        width * F16,
        headLength * F16,
        run.cell * width * F16,
      );
      return ops.matmul(pointer, cells, queries);
    });
    return parts.reduce((whole, part) => ops.concat(pointer, whole, part, 0));
  }

  /** Values weighted: [headLength, columns, heads or kvHeads]. */
  #weighted(layer: number, weights: Tensor, piece: Piece, columns: number, heads: number): Tensor {
    const { ops, pointer } = this.#arena;
    const { headLength, kvHeads } = this.#shape;
    const { valueStride } = this.#kv;
    let before = 0;
    const parts = piece.runs.map((run) => {
      const values = ops.view3(
        pointer,
        this.#kv.values[layer] as Tensor,
        run.length,
        headLength,
        kvHeads,
        valueStride * F16,
        valueStride * headLength * F16,
        this.#kv.valueIndex(run.cell) * F16,
      );
      const row = piece.cells * F32;
      const own =
        piece.runs.length === 1
          ? weights
          : ops.view3(pointer, weights, run.length, columns, heads, row, row * columns, before * F32);
      before += run.length;
      return ops.matmul(pointer, values, own);
    });
    return parts.reduce((whole, part) => ops.add(pointer, whole, part));
  }

  /** @param rows [headLength, rows, heads or kvHeads]; the result: [headLength, heads or kvHeads, rows] */
  #flash(layer: number, rows: Tensor, piece: Piece): Tensor {
    const { ops, pointer } = this.#arena;
    const { headLength, kvHeads } = this.#shape;
    const { width } = this.#kv;
    const byHead = (cells: Tensor) =>
      ops.view3(pointer, cells, headLength, piece.cells, kvHeads, width * F16, headLength * F16, 0);
    const join = (parts: Tensor[]) => parts.reduce((whole, part) => ops.concat(pointer, whole, part, 1));
    const keys = join(piece.runs.map((run) => this.#keysOf(layer, run)));
    const values = join(piece.runs.map((run) => this.#valuesOf(layer, run)));
    return ops.flashAttention(pointer, rows, byHead(keys), byHead(values), this.#mask(piece), this.#scale, 0, 0);
  }

  /** [kvHeads * headLength, cells] */
  #keysOf(layer: number, run: Run): Tensor {
    const { width, keys } = this.#kv;
    const { ops, pointer } = this.#arena;
    return ops.view2(pointer, keys[layer] as Tensor, width, run.length, width * F16, run.cell * width * F16);
  }

  /** [kvHeads * headLength, cells], turned from how they lie. */
  #valuesOf(layer: number, run: Run): Tensor {
    const { width, values, valueStride } = this.#kv;
    const { ops, pointer } = this.#arena;
    const lying = ops.view2(
      pointer,
      values[layer] as Tensor,
      run.length,
      width,
      valueStride * F16,
      this.#kv.valueIndex(run.cell) * F16,
    );
    return ops.contiguous(pointer, ops.transpose(pointer, lying));
  }

  #mask(piece: Piece): Tensor {
    const { ops, pointer } = this.#arena;
    return ops.view2(pointer, this.#masks, piece.cells, piece.maskRows, piece.cells * F16, piece.mask * F16);
  }

  #store(output: Tensor, piece: Piece): void {
    const { ops, pointer } = this.#arena;
    const { headLength, heads } = this.#shape;
    const place = ops.view1(pointer, this.#result, headLength * heads * piece.count, this.#offset(piece));
    this.#arena.expand(ops.copy(pointer, output, place));
  }

  /** Bytes before a piece's first token, in queries and result alike. */
  #offset(piece: Piece): number {
    return piece.first * this.#shape.heads * this.#shape.headLength * F32;
  }
}
