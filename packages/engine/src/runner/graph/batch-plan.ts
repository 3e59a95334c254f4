import { PAGE_CELLS, type PageTable, type Run } from "./page-table.ts";

/** Query rows from which ggml's flash attention works in tiles; below, it is row by row and products of matrices win. */
const TILE_ROWS = 64;
const HALF_MINUS_INFINITY = 0xfc00;

/**
 * How the attention of a piece is computed: `products` of matrices, or flash attention (`tiles`), if need be with the
 * heads that share keys as further rows (`stacked`).
 */
export type AttentionKind = "products" | "tiles" | "stacked";

/** Tokens of one sequence that follow one another in the batch, and what they attend to. */
export interface Piece {
  readonly kind: AttentionKind;
  /** Index of its first token. */
  readonly first: number;
  readonly count: number;
  readonly runs: readonly Run[];
  /** Cells of all runs together. */
  readonly cells: number;
  /** Element of the step's masks at which its own begins. */
  readonly mask: number;
  /** Rows of its mask: one a token, where stacked one a token and head of a group. */
  readonly maskRows: number;
}

export interface BatchToken {
  readonly token: number;
  readonly position: number;
  readonly sequence: number;
  readonly wantsLogits: boolean;
}

/** What a step's graph is built from. Pieces are for all layers but the last, `last` for the last one: one an output. */
export interface BatchPlan {
  readonly pieces: readonly Piece[];
  readonly last: readonly Piece[];
  /** Indices of the tokens whose logits are wanted. */
  readonly outputs: readonly number[];
  readonly maskElements: number;
  /** Writes the masks, as half precision: 0 where a token attends, minus infinity elsewhere. */
  fillMasks(masks: Uint16Array): void;
}

/**
 * @param tokens their cells are placed already
 * @param group query heads that share a key head
 */
export function planBatch(tokens: readonly BatchToken[], table: PageTable, group: number): BatchPlan {
  const pieces: Piece[] = [];
  let maskElements = 0;
  for (let first = 0; first < tokens.length; ) {
    const count = stretchLength(tokens, first);
    const runs = table.runs((tokens[first] as BatchToken).sequence);
    const cells = runs.reduce((sum, run) => sum + run.length, 0);
    const kind = count >= TILE_ROWS ? "tiles" : count > 1 && count * group >= TILE_ROWS ? "stacked" : "products";
    const maskRows = kind === "stacked" ? count * group : count;
    pieces.push({ kind, first, count, runs, cells, mask: maskElements, maskRows });
    maskElements += cells * maskRows;
    first += count;
  }
  const outputs = tokens.flatMap((token, index) => (token.wantsLogits ? [index] : []));
  return {
    pieces,
    last: outputs.map((index, row) => outputPiece(pieces, index, row)),
    outputs,
    maskElements,
    fillMasks: (masks) => {
      for (const piece of pieces) fillMask(masks, piece, tokens, table);
    },
  };
}

/** Tokens from `first` on that are one sequence's, each a position behind the other. */
function stretchLength(tokens: readonly BatchToken[], first: number): number {
  const start = tokens[first] as BatchToken;
  let count = 1;
  for (let next = tokens[first + count]; next !== undefined; next = tokens[first + count]) {
    if (next.sequence !== start.sequence || next.position !== start.position + count) break;
    count++;
  }
  return count;
}

/** The piece of one token alone, at `row` of the outputs; it uses a row of the mask of the piece that it is part of. */
function outputPiece(pieces: readonly Piece[], index: number, row: number): Piece {
  const whole = pieces.find(({ first, count }) => index >= first && index < first + count) as Piece;
  const maskRow = (index - whole.first) * (whole.maskRows / whole.count);
  return { ...whole, kind: "products", first: row, count: 1, mask: whole.mask + maskRow * whole.cells, maskRows: 1 };
}

function fillMask(masks: Uint16Array, piece: Piece, tokens: readonly BatchToken[], table: PageTable): void {
  const { sequence, position } = tokens[piece.first] as BatchToken;
  const columns = new Map<number, number>();
  let column = 0;
  for (const run of piece.runs) {
    for (let cell = run.cell; cell < run.cell + run.length; cell += PAGE_CELLS)
      columns.set(cell / PAGE_CELLS, column + cell - run.cell);
    column += run.length;
  }
  const row = masks.subarray(piece.mask, piece.mask + piece.cells).fill(HALF_MINUS_INFINITY);
  const attend = (from: number, to: number, into: Uint16Array) => {
    for (let at = from; at < to; at++) {
      const cell = table.cell(sequence, at);
      if (cell >= 0) into[(columns.get(Math.floor(cell / PAGE_CELLS)) as number) + (cell % PAGE_CELLS)] = 0;
    }
  };
  attend(0, position + 1, row);
  const repeats = piece.maskRows / piece.count;
  for (let at = 1; at < piece.maskRows; at++) {
    const start = piece.mask + at * piece.cells;
    masks.copyWithin(start, start - piece.cells, start);
    if (at % repeats !== 0) continue;
    const added = position + at / repeats;
    attend(added, added + 1, masks.subarray(start, start + piece.cells));
  }
}
