import type { Compute, Tensor } from "@arriero/ggml";
import { NativeObject, TensorArena, TensorBuffer, tensorBytes } from "@arriero/ggml";
import type { ModelShape } from "./model-shape.ts";
import { PAGE_CELLS, type PageCopy, REGION_CELLS } from "./page-table.ts";

/** Between the rows of a region's values, so that they do not all fall on the same lines of the processor's cache. */
const ROW_PADDING = 32;
const F16_BYTES = 2;

/**
 * Keys and values of every cell and layer, in half precision.
 *
 * Keys lie by cell: [kvHeads * headLength, cells]. Values lie by element, region after region: [cells of a region + padding,
 * kvHeads * headLength, regions], since both halves of attention are products of rows.
 */
export class KvMemory extends NativeObject {
  readonly keys: readonly Tensor[];
  readonly values: readonly Tensor[];
  /** Elements of a cell in one layer. */
  readonly width: number;
  readonly regionCells: number;
  /** Elements from one row of values to the next. */
  readonly valueStride: number;
  readonly bytesPerCell: number;
  readonly #keyViews: readonly Uint16Array[];
  readonly #valueViews: readonly Uint16Array[];
  readonly #cleared = new Set<number>();

  constructor(compute: Compute, shape: ModelShape, cells: number) {
    super(compute);
    this.width = shape.kvHeads * shape.headLength;
    this.regionCells = Math.min(REGION_CELLS, cells);
    this.valueStride = this.regionCells + ROW_PADDING;
    this.bytesPerCell = 2 * shape.layers * this.width * F16_BYTES;
    const arena = new TensorArena(this, 2 * shape.layers + 1);
    const perLayer = (make: () => Tensor) => Array.from({ length: shape.layers }, make);
    this.keys = perLayer(() => arena.tensor("F16", this.width, cells));
    this.values = perLayer(() => arena.tensor("F16", this.valueStride, this.width, Math.ceil(cells / this.regionCells)));
    new TensorBuffer(arena, compute.plain);
    const view = (tensor: Tensor) => new Uint16Array(tensorBytes(arena.ops, tensor));
    this.#keyViews = this.keys.map(view);
    this.#valueViews = this.values.map(view);
  }

  /**
   * Clears the region of a cell before its first use: what attention masks must still be numbers. Regions that are never
   * used take no memory.
   */
  open(cell: number): void {
    const region = Math.floor(cell / this.regionCells);
    if (this.#cleared.has(region)) return;
    this.#cleared.add(region);
    const keys = this.regionCells * this.width;
    const values = this.valueStride * this.width;
    for (const view of this.#keyViews) view.fill(0, region * keys, (region + 1) * keys);
    for (const view of this.#valueViews) view.fill(0, region * values, (region + 1) * values);
  }

  /** Index of a cell's first value among the elements of a layer; the next one is `valueStride` on. */
  valueIndex(cell: number): number {
    const region = Math.floor(cell / this.regionCells);
    return region * this.width * this.valueStride + (cell - region * this.regionCells);
  }

  /** Copies cells from page to page. */
  copy({ source, target, first, count }: PageCopy): void {
    const from = source * PAGE_CELLS + first;
    const to = target * PAGE_CELLS + first;
    this.open(to);
    for (const keys of this.#keyViews) keys.copyWithin(to * this.width, from * this.width, (from + count) * this.width);
    for (const values of this.#valueViews) {
      for (let element = 0; element < this.width; element++) {
        const row = element * this.valueStride;
        const start = this.valueIndex(from) + row;
        values.copyWithin(this.valueIndex(to) + row, start, start + count);
      }
    }
  }

  /** A copy of cells, in their order: layer by layer their keys, then their values. */
  read(cells: Int32Array): Uint8Array {
    const copy = new Uint16Array((cells.length * this.bytesPerCell) / F16_BYTES);
    const spans = stretches(cells);
    let at = 0;
    for (const [layer, keys] of this.#keyViews.entries()) {
      for (const { cell, count } of spans) {
        copy.set(keys.subarray(cell * this.width, (cell + count) * this.width), at);
        at += count * this.width;
      }
      const values = this.#valueViews[layer] as Uint16Array;
      for (let element = 0; element < this.width; element++) {
        for (const { cell, count } of spans) {
          const from = this.valueIndex(cell) + element * this.valueStride;
          copy.set(values.subarray(from, from + count), at);
          at += count;
        }
      }
    }
    return new Uint8Array(copy.buffer);
  }

  /** Puts a copy back, into as many cells as it was made of. */
  write(cells: Int32Array, copied: Uint8Array): void {
    const copy = new Uint16Array(copied.buffer, copied.byteOffset, copied.byteLength / F16_BYTES);
    const spans = stretches(cells);
    let at = 0;
    for (const [layer, keys] of this.#keyViews.entries()) {
      for (const { cell, count } of spans) {
        keys.set(copy.subarray(at, at + count * this.width), cell * this.width);
        at += count * this.width;
      }
      const values = this.#valueViews[layer] as Uint16Array;
      for (let element = 0; element < this.width; element++) {
        for (const { cell, count } of spans) {
          values.set(copy.subarray(at, at + count), this.valueIndex(cell) + element * this.valueStride);
          at += count;
        }
      }
    }
  }

  protected override free(): void {
    // The arena is a child and frees itself.
  }
}

/** Cells that follow one another, within a region. */
function stretches(cells: Int32Array): { cell: number; count: number }[] {
  const found: { cell: number; count: number }[] = [];
  for (const cell of cells) {
    const last = found.at(-1);
    if (last !== undefined && last.cell + last.count === cell && cell % REGION_CELLS !== 0) last.count++;
    else found.push({ cell, count: 1 });
  }
  return found;
}
