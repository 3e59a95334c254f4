import type { Tensor, TensorArena } from "@arriero/ggml";
import { type Piece, TILE_ROWS } from "./batch-plan.ts";
import type { KvMemory } from "./kv-memory.ts";
import type { ModelShape } from "./model-shape.ts";
import type { Run } from "./page-table.ts";
import type { StepInputs } from "./step-inputs.ts";

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
  readonly #inputs: StepInputs;
  readonly #group: number;
  readonly #scale: number;

  constructor(arena: TensorArena, shape: ModelShape, kv: KvMemory, inputs: StepInputs, masks: Tensor) {
    this.#arena = arena;
    this.#shape = shape;
    this.#kv = kv;
    this.#masks = masks;
    this.#inputs = inputs;
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
    this.#store(this.#weighted(layer, grouped, piece), piece);
  }

  #fewTokens(layer: number, q: Tensor, piece: Piece): void {
    const { ops, pointer } = this.#arena;
    const scores = this.#scores(layer, this.#queries(q, piece), piece);
    const weights = ops.softMax(pointer, scores, this.#mask(piece), this.#scale, 0);
    const output = this.#weighted(layer, weights, piece);
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
    const rows = group * piece.count;
    const queries = ops.contiguous(pointer, ops.permute(pointer, byToken, 0, 1, 3, 2));
    const stacked = ops.reshape3(pointer, queries, headLength, rows, kvHeads);
    const filled = rows < TILE_ROWS ? ops.pad(pointer, stacked, 0, TILE_ROWS - rows, 0, 0) : stacked;
    const tiles = this.#flash(layer, filled, piece);
    const output = ops.view3(pointer, tiles, headLength, kvHeads, rows, perHead, perHead * kvHeads, 0);
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
  #weighted(layer: number, weights: Tensor, piece: Piece): Tensor {
    const { ops, pointer } = this.#arena;
    return ops.matmul(pointer, this.#values(layer, piece), weights);
  }

  /** Values by element: [cells, headLength, kvHeads]. In one tensor, as sums in parts would be rounded otherwise. */
  #values(layer: number, piece: Piece): Tensor {
    const { ops, pointer } = this.#arena;
    const { headLength, kvHeads } = this.#shape;
    const byElement = (tensor: Tensor, cells: number, stride: number, offset: number) =>
      ops.view3(pointer, tensor, cells, headLength, kvHeads, stride * F16, stride * headLength * F16, offset * F16);
    const lying = ({ cell, length }: Run) =>
      byElement(this.#kv.values[layer] as Tensor, length, this.#kv.valueStride, this.#kv.valueIndex(cell));
    const [only] = piece.runs;
    if (only !== undefined && piece.runs.length === 1) return lying(only);
    const { gatheredValues } = this.#inputs;
    let before = 0;
    for (const run of piece.runs) {
      const place = byElement(gatheredValues, run.length, piece.cells, before);
      this.#arena.expand(ops.copy(pointer, lying(run), place));
      before += run.length;
    }
    return byElement(gatheredValues, piece.cells, piece.cells, 0);
  }

  /** @param rows [headLength, rows, heads or kvHeads]; the result: [headLength, heads or kvHeads, rows] */
  #flash(layer: number, rows: Tensor, piece: Piece): Tensor {
    const { ops, pointer } = this.#arena;
    const { headLength, kvHeads } = this.#shape;
    const { width } = this.#kv;
    const byHead = (cells: Tensor) =>
      ops.view3(pointer, cells, headLength, piece.cells, kvHeads, width * F16, headLength * F16, 0);
    const keys = byHead(this.#keysByCell(layer, piece));
    const values = byHead(this.#valuesByCell(layer, piece));
    return ops.flashAttention(pointer, rows, keys, values, this.#mask(piece), this.#scale, 0, 0);
  }

  /** Keys by cell, as they lie: [kvHeads * headLength, cells]. */
  #keysByCell(layer: number, piece: Piece): Tensor {
    const lying = ({ cell, length }: Run) => this.#byCell(this.#kv.keys[layer] as Tensor, length, cell);
    const [only] = piece.runs;
    if (only !== undefined && piece.runs.length === 1) return lying(only);
    return this.#gather(this.#inputs.gatheredKeys, piece, lying);
  }

  /** Values by cell, turned from how they lie: [kvHeads * headLength, cells]. */
  #valuesByCell(layer: number, piece: Piece): Tensor {
    const { ops, pointer } = this.#arena;
    const { width, values, valueStride } = this.#kv;
    return this.#gather(this.#inputs.gatheredValues, piece, ({ cell, length }) => {
      const offset = this.#kv.valueIndex(cell) * F16;
      return ops.transpose(pointer, ops.view2(pointer, values[layer] as Tensor, length, width, valueStride * F16, offset));
    });
  }

  /** Copies what `part` gives of each run behind one another: [kvHeads * headLength, cells]. */
  #gather(into: Tensor, piece: Piece, part: (run: Run) => Tensor): Tensor {
    const { ops, pointer } = this.#arena;
    let before = 0;
    for (const run of piece.runs) {
      this.#arena.expand(ops.copy(pointer, part(run), this.#byCell(into, run.length, before)));
      before += run.length;
    }
    return this.#byCell(into, piece.cells, 0);
  }

  #byCell(tensor: Tensor, cells: number, first: number): Tensor {
    const { ops, pointer } = this.#arena;
    const { width } = this.#kv;
    return ops.view2(pointer, tensor, width, cells, width * F16, first * width * F16);
  }

  #mask(piece: Piece): Tensor {
    const { ops, pointer } = this.#arena;
    return ops.view2(pointer, this.#masks, piece.cells, piece.maskRows, piece.cells * F16, piece.mask * F16);
  }

  #store(output: Tensor, piece: Piece): void {
    const { ops, pointer } = this.#arena;
    const { headLength, heads } = this.#shape;
    const place = ops.view1(pointer, this.#inputs.attention, headLength * heads * piece.count, this.#offset(piece));
    this.#arena.expand(ops.copy(pointer, output, place));
  }

  /** Bytes before a piece's first token, in queries and result alike. */
  #offset(piece: Piece): number {
    return piece.first * this.#shape.heads * this.#shape.headLength * F32;
  }
}
