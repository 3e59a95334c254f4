import type { BatchToken } from "../runner.ts";
import { PAGE_CELLS, type PageTable, type Run } from "./page-table.ts";

/** Query rows from which ggml's flash attention works in tiles; below, it is row by row. */
export const TILE_ROWS = 64;
/** Scores of a piece at most, so that they stay in the processor's cache. */
const SCORES = 2 ** 21;
const HALF_MINUS_INFINITY = 0xfc00;

/**
 * How the attention of a piece is computed: `products` of matrices for tokens that were generated, for others flash
 * attention in `tiles`, where they are few with the heads that share keys as further rows (`stacked`).
 *
 * A token's way depends on what it is and not on its company, and each way gives a token the same bits whatever else is
 * in the batch: so what is computed again, here or elsewhere, is what was computed first.
 */
export type AttentionKind = "products" | "tiles" | "stacked";

/** Tokens of one sequence that follow one another in the batch, and what they attend to. */
export interface Piece {
  readonly kind: AttentionKind;
  /** Index of its first token. */
  readonly first: number;
  readonly count: number;
  /** Position of its first token. */
  readonly position: number;
  readonly runs: readonly Run[];
  /** Cells of all runs together: the columns of its mask. Column by column they are the positions from 0. */
  readonly cells: number;
  /** Element of the step's masks at which its own begins. */
  readonly mask: number;
  /** Rows of its mask: one a token; where stacked one a token and head of a group, up to a tile at least. */
  readonly maskRows: number;
}

/** What a step's graph is built from. Pieces are for all layers but the last, `last` for the last one: one an output. */
export interface BatchPlan {
  readonly pieces: readonly Piece[];
  readonly last: readonly Piece[];
  /** Indices of the tokens whose logits are wanted. */
  readonly outputs: readonly number[];
  readonly maskElements: number;
}

export interface PlanShape {
  readonly heads: number;
  readonly kvHeads: number;
}

/** @param tokens their cells are placed already */
export function planBatch(tokens: readonly BatchToken[], table: PageTable, shape: PlanShape): BatchPlan {
  const pieces: Piece[] = [];
  const group = shape.heads / shape.kvHeads;
  let maskElements = 0;
  for (let first = 0; first < tokens.length; ) {
    const { sequence, position, generated } = tokens[first] as BatchToken;
    const reach = stretchLength(tokens, first);
    const count = generated ? Math.min(reach, productTokens(position + reach, shape)) : reach;
    const runs = table.runs(sequence, position + count);
    const cells = Math.ceil((position + count) / PAGE_CELLS) * PAGE_CELLS;
    const kind = generated ? "products" : count >= TILE_ROWS ? "tiles" : "stacked";
    const maskRows = kind === "stacked" ? Math.max(TILE_ROWS, count * group) : count;
    pieces.push({ kind, first, count, position, runs, cells, mask: maskElements, maskRows });
    maskElements += cells * maskRows;
    first += count;
  }
  const outputs = tokens.flatMap((token, index) => (token.wantsLogits ? [index] : []));
  return { pieces, last: outputs.map((index, row) => outputPiece(pieces, group, index, row)), outputs, maskElements };
}

/** Writes the masks, as half precision: 0 where a token attends, minus infinity elsewhere. */
export function fillMasks(masks: Uint16Array, { pieces }: BatchPlan, group: number): void {
  for (const { kind, count, position, cells, mask, maskRows } of pieces) {
    const perToken = kind === "stacked" ? group : 1;
    for (let row = 0; row < maskRows; row++) {
      // Rows beyond the tokens fill a tile; nobody reads what they give.
      const attended = Math.min(position + Math.floor(row / perToken), position + count - 1) + 1;
      const start = mask + row * cells;
      masks.fill(0, start, start + attended);
      masks.fill(HALF_MINUS_INFINITY, start + attended, start + cells);
    }
  }
}

/** Generated tokens of one piece. Where every head has keys of its own a single token's product is another one: one a piece. */
function productTokens(cells: number, { heads, kvHeads }: PlanShape): number {
  return heads === kvHeads ? 1 : Math.max(1, Math.floor(SCORES / (cells * heads)));
}

/** Tokens from `first` on that are one sequence's, each a position behind the other, all given or all generated. */
function stretchLength(tokens: readonly BatchToken[], first: number): number {
  const start = tokens[first] as BatchToken;
  let count = 1;
  for (let next = tokens[first + count]; next !== undefined; next = tokens[first + count]) {
    const follows = next.sequence === start.sequence && next.position === start.position + count;
    if (!follows || next.generated !== start.generated) break;
    count++;
  }
  return count;
}

/** The piece of one token alone, at `row` of the outputs; it uses a row of the mask of the piece that it is part of. */
function outputPiece(pieces: readonly Piece[], group: number, index: number, row: number): Piece {
  const whole = pieces.find(({ first, count }) => index >= first && index < first + count) as Piece;
  const offset = index - whole.first;
  const maskRow = whole.kind === "stacked" ? offset * group : offset;
  const mask = whole.mask + maskRow * whole.cells;
  return { ...whole, kind: "products", first: row, count: 1, position: whole.position + offset, mask, maskRows: 1 };
}
