import fc from "fast-check";
import { expect, test } from "vitest";
import { PAGE_CELLS, type PageCopy, PageTable, REGION_CELLS } from "./page-table.ts";

const SEQUENCES = 6;
const PAGES = 24;

type Step =
  | { readonly kind: "extend"; readonly sequence: number; readonly count: number }
  | { readonly kind: "share"; readonly source: number; readonly target: number; readonly part: number }
  | { readonly kind: "cut"; readonly sequence: number; readonly part: number }
  | { readonly kind: "replace"; readonly source: number; readonly target: number; readonly from: number; readonly to: number };

const sequence = fc.nat({ max: SEQUENCES - 1 });
const part = fc.double({ min: 0, max: 1, noNaN: true });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("extend" as const), sequence, count: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ kind: fc.constant("share" as const), source: sequence, target: sequence, part }),
  fc.record({ kind: fc.constant("cut" as const), sequence, part }),
  fc.record({ kind: fc.constant("replace" as const), source: sequence, target: sequence, from: part, to: part }),
);

/** Cells with a mark in each, as the table's owner would have them, and what each sequence wrote. */
class World {
  readonly table = new PageTable(PAGES, SEQUENCES);
  readonly cells: (number | null)[] = new Array(PAGES * PAGE_CELLS).fill(null);
  readonly written: number[][] = Array.from({ length: SEQUENCES }, () => []);
  #mark = 0;

  apply(next: Step): void {
    if (next.kind === "extend") this.#extend(next.sequence, next.count);
    else if (next.kind === "share") this.#share(next.source, next.target, next.part);
    else if (next.kind === "cut") this.#cut(next.sequence, next.part);
    else this.#replace(next.source, next.target, next.from, next.to);
  }

  #extend(sequence: number, count: number): void {
    const marks = this.written[sequence] as number[];
    if (this.table.pagesFor(sequence, marks.length, count) > this.table.freePages) return;
    this.#copy(this.table.place(sequence, marks.length, count));
    for (let i = 0; i < count; i++) {
      this.cells[this.table.cell(sequence, marks.length)] = ++this.#mark;
      marks.push(this.#mark);
    }
  }

  #share(source: number, target: number, part: number): void {
    const taker = this.written[target] as number[];
    if (taker.length > 0) return;
    const marks = (this.written[source] as number[]).slice(0, Math.floor((this.written[source] as number[]).length * part));
    this.#copy(this.table.share(source, target, 0, marks.length));
    taker.push(...marks);
  }

  #cut(sequence: number, part: number): void {
    const marks = this.written[sequence] as number[];
    marks.length = Math.floor(marks.length * part);
    this.table.forget(sequence, marks.length, null);
  }

  /** A range that both have: the target gives up its own and takes the source's. */
  #replace(source: number, target: number, from: number, to: number): void {
    const giver = this.written[source] as number[];
    const taker = this.written[target] as number[];
    const length = Math.min(giver.length, taker.length);
    const [first, last] = [Math.floor(from * length), Math.floor(to * length)].sort((a, b) => a - b) as [number, number];
    if (source === target || first === last || this.table.freePages < 2) return;
    this.table.forget(target, first, last);
    this.#copy(this.table.share(source, target, first, last));
    taker.splice(first, last - first, ...giver.slice(first, last));
    // What followed a range at the end is gone with it; what followed one in the middle stays.
    if (this.table.lastPosition(target) + 1 !== taker.length) throw new Error("a length went wrong");
  }

  #copy(copies: readonly PageCopy[]): void {
    for (const { source, target, first, count } of copies) {
      for (let at = first; at < first + count; at++) {
        this.cells[target * PAGE_CELLS + at] = this.cells[source * PAGE_CELLS + at] as number | null;
      }
    }
  }
}

test("every sequence reads what was written for it, whoever shares, cuts and goes on", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const world = new World();
      for (const next of steps) {
        world.apply(next);
        for (const [index, marks] of world.written.entries()) {
          expect(world.table.lastPosition(index)).toBe(marks.length - 1);
          expect(marks.map((_, position) => world.cells[world.table.cell(index, position)])).toEqual(marks);
        }
      }
      for (let index = 0; index < SEQUENCES; index++) world.table.forget(index, 0, null);
      expect(world.table.freePages).toBe(PAGES);
    }),
    { numRuns: 500 },
  );
});

test("column by column, runs are the positions", () => {
  const table = new PageTable(64, 3);
  for (let at = 0; at < 90; at += 9) for (const sequence of [0, 1]) table.place(sequence, at, 9);
  table.share(0, 2, 0, 50);
  table.place(2, 50, 60);
  const columns = table.runs(2, 110).flatMap(({ cell, length }) => Array.from({ length }, (_, i) => cell + i));
  for (let position = 0; position < 110; position++) expect(columns[position]).toBe(table.cell(2, position));
});

test("streams that grow side by side keep their pages together", () => {
  const table = new PageTable((4 * REGION_CELLS) / PAGE_CELLS, 32);
  for (let position = 0; position < 100; position++) for (let stream = 0; stream < 32; stream++) table.place(stream, position, 1);
  for (let stream = 0; stream < 32; stream++) expect(table.runs(stream, 100)).toHaveLength(1);
});

test("a run never crosses the border of a region", () => {
  const table = new PageTable((2 * REGION_CELLS) / PAGE_CELLS, 1);
  table.place(0, 0, REGION_CELLS + 100);
  expect(table.runs(0, REGION_CELLS + 100).map(({ length }) => length)).toEqual([REGION_CELLS, 128]);
});
