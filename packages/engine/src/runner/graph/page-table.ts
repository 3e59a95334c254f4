/** Positions that a page holds: those of one multiple of this to the next, so that where a position lies in it is known. */
export const PAGE_CELLS = 32;
/** Cells of a region: runs never cross its borders. */
export const REGION_CELLS = 2048;

const PAGES_PER_REGION = REGION_CELLS / PAGE_CELLS;
/** Pages left free behind a sequence for it to grow into: at least so many, and one for so many pages that it has. */
const LEAST_GAP = 4;
const PAGES_PER_GAP_PAGE = 2;
const NONE = -1;

/** Adjacent pages of a sequence. */
export interface Run {
  /** First cell, at the start of a page. */
  readonly cell: number;
  /** Cells, whole pages. */
  readonly length: number;
}

/** Cells [first, first + count) of a page are needed in another one, too. */
export interface PageCopy {
  readonly source: number;
  readonly target: number;
  readonly first: number;
  readonly count: number;
}

/**
 * Which page holds which positions of which sequence. A page may belong to many sequences; whoever writes into one that
 * others hold, too, gets a copy first. New pages are placed beside a sequence's last one, so that its attention is one
 * piece or few.
 *
 * Where copies are to be made, they are returned: they must be made before anything is computed.
 */
export class PageTable {
  readonly pages: number;
  readonly #sequences: Sequence[];
  /** Sequences that hold a page. */
  readonly #owners: Uint16Array;
  #free: number;

  constructor(pages: number, sequences: number) {
    this.pages = pages;
    this.#sequences = Array.from({ length: sequences }, () => ({ pages: [], length: 0 }));
    this.#owners = new Uint16Array(pages);
    this.#free = pages;
  }

  get freePages(): number {
    return this.#free;
  }

  lastPosition(sequence: number): number {
    return this.#at(sequence).length - 1;
  }

  /** The cell of a position that the sequence has. */
  cell(sequence: number, position: number): number {
    const page = this.#at(sequence).pages[Math.floor(position / PAGE_CELLS)] ?? NONE;
    if (page === NONE) throw new RangeError(`sequence ${sequence} has no position ${position}`);
    return page * PAGE_CELLS + (position % PAGE_CELLS);
  }

  /** Pages that `place` would take. */
  pagesFor(sequence: number, from: number, count: number): number {
    const { pages } = this.#at(sequence);
    let needed = 0;
    for (let index = Math.floor(from / PAGE_CELLS); index * PAGE_CELLS < from + count; index++) {
      const page = pages[index] ?? NONE;
      if (page === NONE || (this.#owners[page] as number) > 1) needed++;
    }
    return needed;
  }

  /** Gives positions [from, from + count), the next ones of the sequence, cells of its own. The caller asked `pagesFor`. */
  place(sequence: number, from: number, count: number): PageCopy[] {
    const target = this.#at(sequence);
    const copies: PageCopy[] = [];
    for (let index = Math.floor(from / PAGE_CELLS); index * PAGE_CELLS < from + count; index++) {
      const kept = Math.max(0, from - index * PAGE_CELLS);
      const wanted = Math.ceil((from + count) / PAGE_CELLS) - index;
      copies.push(...this.#makeOwn(target, index, 0, kept, wanted));
    }
    target.length = Math.max(target.length, from + count);
    return copies;
  }

  /** Positions [from, to) of `source` also belong to `target`. */
  share(source: number, target: number, from: number, to: number): PageCopy[] {
    const giver = this.#at(source);
    const taker = this.#at(target);
    const copies: PageCopy[] = [];
    for (let index = Math.floor(from / PAGE_CELLS); index * PAGE_CELLS < to; index++) {
      const page = giver.pages[index] as number;
      const first = Math.max(0, from - index * PAGE_CELLS);
      const own = taker.pages[index] ?? NONE;
      if (own === page) continue;
      if (first === 0 && (own === NONE || to >= Math.min(taker.length, (index + 1) * PAGE_CELLS))) {
        if (own !== NONE) this.#leave(own);
        this.#own(page);
        taker.pages[index] = page;
        continue;
      }
      // The rest of the page is the taker's own.
      copies.push(...this.#makeOwn(taker, index, 0, first, 1));
      const count = Math.min(PAGE_CELLS, to - index * PAGE_CELLS) - first;
      copies.push({ source: page, target: taker.pages[index] as number, first, count });
    }
    taker.length = Math.max(taker.length, to);
    return copies;
  }

  /** Takes positions [from, to) from a sequence, `to` null being its end. In its middle, `share` must fill them again. */
  forget(sequence: number, from: number, to: number | null): void {
    const target = this.#at(sequence);
    const end = to === null || to >= target.length ? target.pages.length * PAGE_CELLS : to;
    for (let index = Math.ceil(from / PAGE_CELLS); (index + 1) * PAGE_CELLS <= end; index++) {
      const page = target.pages[index] ?? NONE;
      if (page === NONE) continue;
      this.#leave(page);
      target.pages[index] = NONE;
    }
    if (end < target.pages.length * PAGE_CELLS) return;
    target.length = Math.min(target.length, from);
    target.pages.length = Math.min(target.pages.length, Math.ceil(from / PAGE_CELLS));
  }

  /** The pages of the first `length` positions, adjacent ones joined. Column by column they are the positions. */
  runs(sequence: number, length: number): Run[] {
    const { pages } = this.#at(sequence);
    const runs: { cell: number; length: number }[] = [];
    for (let index = 0; index * PAGE_CELLS < length; index++) {
      const page = pages[index] ?? NONE;
      if (page === NONE) throw new RangeError(`sequence ${sequence} lacks positions from ${index * PAGE_CELLS}`);
      const last = runs.at(-1);
      const cell = page * PAGE_CELLS;
      if (last !== undefined && last.cell + last.length === cell && page % PAGES_PER_REGION !== 0) last.length += PAGE_CELLS;
      else runs.push({ cell, length: PAGE_CELLS });
    }
    return runs;
  }

  /** Sees that a sequence alone holds a page of its own at `index`, with what cells [first, first + count) had. */
  #makeOwn(target: Sequence, index: number, first: number, count: number, wanted: number): PageCopy[] {
    const held = target.pages[index] ?? NONE;
    if (held !== NONE && this.#owners[held] === 1) return [];
    const page = this.#next(index === 0 ? NONE : (target.pages[index - 1] as number), wanted, index);
    this.#own(page);
    target.pages[index] = page;
    if (held === NONE) return [];
    this.#leave(held);
    return count === 0 ? [] : [{ source: held, target: page, first, count }];
  }

  /** Where the page after `before` goes; `wanted` are to come with it, `length` came before. */
  #next(before: number, wanted: number, length: number): number {
    const beside = before + 1;
    if (before !== NONE && beside % PAGES_PER_REGION !== 0 && this.#owners[beside] === 0) return beside;
    const gap = Math.max(LEAST_GAP, Math.ceil(length / PAGES_PER_GAP_PAGE));
    let best: { readonly page: number; readonly length: number } | null = null;
    // Regions that were never used come last, since their memory has not been touched.
    for (let region = 0; region < this.pages; region += PAGES_PER_REGION) {
      for (const hole of this.#holes(region)) if (best === null || hole.length > best.length) best = hole;
      if (best !== null && best.length >= wanted + 2 * gap) break;
    }
    if (best === null) throw new RangeError(`none of ${this.pages} pages is free`);
    // Behind room for the neighbour to grow.
    const behindNeighbour = best.page % PAGES_PER_REGION !== 0;
    return best.page + (behindNeighbour ? Math.max(0, Math.min(gap, best.length - wanted)) : 0);
  }

  *#holes(region: number): Generator<{ page: number; length: number }> {
    const end = Math.min(region + PAGES_PER_REGION, this.pages);
    for (let page = region; page < end; page++) {
      const start = page;
      while (page < end && this.#owners[page] === 0) page++;
      if (page > start) yield { page: start, length: page - start };
    }
  }

  #own(page: number): void {
    const owners = this.#owners[page] as number;
    this.#owners[page] = owners + 1;
    if (owners === 0) this.#free--;
  }

  #leave(page: number): void {
    const owners = (this.#owners[page] as number) - 1;
    this.#owners[page] = owners;
    if (owners === 0) this.#free++;
  }

  #at(sequence: number): Sequence {
    const found = this.#sequences[sequence];
    if (found === undefined) throw new RangeError(`sequence ${sequence} of ${this.#sequences.length}`);
    return found;
  }
}

interface Sequence {
  readonly pages: number[];
  /** Positions. */
  length: number;
}
