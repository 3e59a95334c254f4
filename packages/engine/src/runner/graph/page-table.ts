/** Cells that a page holds: attention works on whole pages and masks what is not a sequence's own. */
export const PAGE_CELLS = 32;
/** Cells of a region: runs never cross its borders. */
export const REGION_CELLS = 2048;

const PAGES_PER_REGION = REGION_CELLS / PAGE_CELLS;
/** Pages left free behind a sequence for it to grow into, at least. */
const LEAST_GAP = 4;
/** Beyond that, one for so many positions that it has. */
const POSITIONS_PER_GAP_PAGE = 64;
const NONE = -1;

/** Adjacent pages that a sequence has cells in. */
export interface Run {
  /** First cell, at the start of a page. */
  readonly cell: number;
  /** Cells, whole pages. */
  readonly length: number;
}

/**
 * Which cell holds which position of which sequence. A cell may belong to many sequences. New positions go where they
 * leave a sequence's pages adjacent, so that its attention is few pieces; any free cell will do where nothing else is left.
 */
export class PageTable {
  readonly cells: number;
  readonly #sequences: Sequence[];
  /** Sequences that share a cell. */
  readonly #owners: Uint16Array;
  /** Owned cells of a page. */
  readonly #pageUse: Uint16Array;
  #free: number;

  /** @param cells a whole number of pages */
  constructor(cells: number, sequences: number) {
    this.cells = cells;
    this.#sequences = Array.from({ length: sequences }, () => new Sequence());
    this.#owners = new Uint16Array(cells);
    this.#pageUse = new Uint16Array(cells / PAGE_CELLS);
    this.#free = cells;
  }

  get free(): number {
    return this.#free;
  }

  lastPosition(sequence: number): number {
    return this.#at(sequence).last;
  }

  /** The cell of a position; -1 where the sequence has none there. */
  cell(sequence: number, position: number): number {
    return this.#at(sequence).cells[position] ?? NONE;
  }

  /** Gives positions [from, from + count) cells. The caller checked that so many are free. */
  place(sequence: number, from: number, count: number): void {
    const target = this.#at(sequence);
    target.grow(from + count);
    let before = from > 0 ? (target.cells[from - 1] as number) : NONE;
    for (let position = from; position < from + count; position++) {
      const cell = this.#next(before, from + count - position, position);
      target.cells[position] = cell;
      this.#own(cell);
      before = cell;
    }
    target.last = Math.max(target.last, from + count - 1);
  }

  /** Positions [from, to) of `source` also belong to `target`. */
  share(source: number, target: number, from: number, to: number): void {
    const { cells } = this.#at(source);
    const taker = this.#at(target);
    taker.grow(to);
    for (let position = from; position < to; position++) {
      const cell = cells[position] ?? NONE;
      if (cell === NONE) continue;
      taker.cells[position] = cell;
      this.#own(cell);
      taker.last = Math.max(taker.last, position);
    }
  }

  /** Takes positions [from, to) from a sequence; `to` null is its end. */
  forget(sequence: number, from: number, to: number | null): void {
    const target = this.#at(sequence);
    const end = Math.min(to ?? target.last + 1, target.last + 1);
    for (let position = from; position < end; position++) {
      const cell = target.cells[position] as number;
      if (cell === NONE) continue;
      target.cells[position] = NONE;
      this.#disown(cell);
    }
    while (target.last >= 0 && target.cells[target.last] === NONE) target.last--;
  }

  /** The pages of a sequence, adjacent ones joined, in the order of their cells. */
  runs(sequence: number): Run[] {
    const { cells, last } = this.#at(sequence);
    const pages = new Set<number>();
    let previous = NONE;
    for (let position = 0; position <= last; position++) {
      const cell = cells[position] as number;
      const page = cell === NONE ? NONE : Math.floor(cell / PAGE_CELLS);
      if (page !== previous && page !== NONE) pages.add(page);
      previous = page;
    }
    const runs: { cell: number; length: number }[] = [];
    for (const page of [...pages].sort((a, b) => a - b)) {
      const run = runs.at(-1);
      const cell = page * PAGE_CELLS;
      if (run !== undefined && run.cell + run.length === cell && cell % REGION_CELLS !== 0) run.length += PAGE_CELLS;
      else runs.push({ cell, length: PAGE_CELLS });
    }
    return runs;
  }

  /** Where the position after the one in `before` goes; `wanted` more are to follow it, `length` came before. */
  #next(before: number, wanted: number, length: number): number {
    if (before !== NONE && (before + 1) % REGION_CELLS !== 0 && before + 1 < this.cells) {
      const beside = before + 1;
      if (this.#owners[beside] === 0 && (beside % PAGE_CELLS !== 0 || this.#pageUse[beside / PAGE_CELLS] === 0)) return beside;
    }
    const page = this.#freePages(Math.ceil(wanted / PAGE_CELLS), length);
    return page === null ? this.#owners.indexOf(0) : page * PAGE_CELLS;
  }

  /**
   * The first of some free pages in a row: in the largest hole of the first region that has one large enough, behind room
   * for its neighbour to grow; else in the largest hole there is. Regions that were never used come last, since their
   * memory has not been touched.
   */
  #freePages(wanted: number, length: number): number | null {
    const gap = Math.max(LEAST_GAP, Math.ceil(length / POSITIONS_PER_GAP_PAGE));
    let best: { readonly page: number; readonly length: number } | null = null;
    for (let region = 0; region < this.#pageUse.length; region += PAGES_PER_REGION) {
      for (const hole of this.#holes(region)) {
        if (best === null || hole.length > best.length) best = hole;
      }
      if (best !== null && best.length >= wanted + 2 * gap) break;
    }
    if (best === null) return null;
    const behindNeighbour = best.page % PAGES_PER_REGION !== 0;
    return best.page + (behindNeighbour ? Math.max(0, Math.min(gap, best.length - wanted)) : 0);
  }

  *#holes(region: number): Generator<{ page: number; length: number }> {
    const end = Math.min(region + PAGES_PER_REGION, this.#pageUse.length);
    for (let page = region; page < end; page++) {
      const start = page;
      while (page < end && this.#pageUse[page] === 0) page++;
      if (page > start) yield { page: start, length: page - start };
    }
  }

  #own(cell: number): void {
    const owners = this.#owners[cell] as number;
    if (owners === 0) {
      this.#free--;
      this.#pageUse[Math.floor(cell / PAGE_CELLS)]!++;
    }
    this.#owners[cell] = owners + 1;
  }

  #disown(cell: number): void {
    const owners = (this.#owners[cell] as number) - 1;
    this.#owners[cell] = owners;
    if (owners > 0) return;
    this.#free++;
    this.#pageUse[Math.floor(cell / PAGE_CELLS)]!--;
  }

  #at(sequence: number): Sequence {
    const found = this.#sequences[sequence];
    if (found === undefined) throw new RangeError(`sequence ${sequence} of ${this.#sequences.length}`);
    return found;
  }
}

/** Position -> cell. */
class Sequence {
  cells = new Int32Array(0);
  last = -1;

  grow(length: number): void {
    if (length <= this.cells.length) return;
    const larger = new Int32Array(Math.max(length, 2 * this.cells.length, PAGE_CELLS)).fill(NONE);
    larger.set(this.cells);
    this.cells = larger;
  }
}
