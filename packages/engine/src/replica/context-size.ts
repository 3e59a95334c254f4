/** What of a model decides how much memory its KV cells take. */
export interface KvShape {
  readonly layers: number;
  readonly headsKv: number;
  /** Elements of one head's key and value vectors. */
  readonly keyLength: number;
  readonly valueLength: number;
  /** Tokens the model was trained to attend over. */
  readonly contextLength: number;
}

const BYTES_PER_ELEMENT = 2;
const MAX_DEFAULT_CELLS = 32_768;
const MIN_DEFAULT_CELLS = 2048;
/** Share of free memory that the default may take. */
const MEMORY_SHARE = 0.25;
const CELL_ROUNDING = 256;

/** Bytes of one KV cell over all layers, F16. */
export function cellBytes(shape: KvShape): number {
  return shape.layers * shape.headsKv * (shape.keyLength + shape.valueLength) * BYTES_PER_ELEMENT;
}

/** KV cells when the user names none: room for several full contexts, within a share of the free memory. */
export function defaultCells(shape: KvShape, freeBytes: number): number {
  const wanted = Math.min(MAX_DEFAULT_CELLS, Math.max(shape.contextLength, MAX_DEFAULT_CELLS / 2));
  const affordable = Math.floor((freeBytes * MEMORY_SHARE) / Math.max(1, cellBytes(shape)));
  const cells = Math.max(MIN_DEFAULT_CELLS, Math.min(wanted, affordable));
  return Math.floor(cells / CELL_ROUNDING) * CELL_ROUNDING;
}
