import fc from "fast-check";
import { expect, test } from "vitest";
import { PAGE_CELLS, PageTable, REGION_CELLS } from "./page-table.ts";

const SEQUENCES = 6;
const CELLS = 8 * PAGE_CELLS;

type Step =
  | { readonly kind: "extend"; readonly sequence: number; readonly count: number }
  | { readonly kind: "share"; readonly source: number; readonly target: number; readonly share: number }
  | { readonly kind: "cut"; readonly sequence: number; readonly keep: number };

const sequence = fc.nat({ max: SEQUENCES - 1 });
const part = fc.double({ min: 0, max: 1, noNaN: true });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("extend" as const), sequence, count: fc.integer({ min: 1, max: 50 }) }),
  fc.record({ kind: fc.constant("share" as const), source: sequence, target: sequence, share: part }),
  fc.record({ kind: fc.constant("cut" as const), sequence, keep: part }),
);

/** What the table should say: an owner of its own for every position that was placed. */
class Model {
  readonly positions: number[][] = Array.from({ length: SEQUENCES }, () => []);

  get cellsInUse(): Set<number> {
    return new Set(this.positions.flat());
  }
}

function apply(table: PageTable, model: Model, next: Step): void {
  if (next.kind === "extend") {
    const list = model.positions[next.sequence] as number[];
    if (next.count > table.free) return;
    const before = model.cellsInUse;
    table.place(next.sequence, list.length, next.count);
    for (let i = 0; i < next.count; i++) {
      const cell = table.cell(next.sequence, list.length);
      expect(before.has(cell)).toBe(false);
      before.add(cell);
      list.push(cell);
    }
  } else if (next.kind === "share") {
    const target = model.positions[next.target] as number[];
    if (target.length > 0) return;
    const source = model.positions[next.source] as number[];
    const length = Math.floor(source.length * next.share);
    table.share(next.source, next.target, 0, length);
    target.push(...source.slice(0, length));
  } else {
    const list = model.positions[next.sequence] as number[];
    const keep = Math.floor(list.length * next.keep);
    table.forget(next.sequence, keep, null);
    list.length = keep;
  }
}

test("no cell has two meanings, none is lost, and runs cover exactly the pages in use", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const table = new PageTable(CELLS, SEQUENCES);
      const model = new Model();
      for (const next of steps) {
        apply(table, model, next);
        expect(table.free).toBe(CELLS - model.cellsInUse.size);
        for (const [index, list] of model.positions.entries()) {
          expect(table.lastPosition(index)).toBe(list.length - 1);
          expect(list.map((_, position) => table.cell(index, position))).toEqual(list);
          const pages = new Set(list.map((cell) => Math.floor(cell / PAGE_CELLS)));
          const covered = table.runs(index).flatMap(({ cell, length }) => {
            return Array.from({ length: length / PAGE_CELLS }, (_, i) => cell / PAGE_CELLS + i);
          });
          expect(covered).toEqual([...pages].sort((a, b) => a - b));
        }
      }
    }),
    { numRuns: 300 },
  );
});

test("streams that grow side by side keep their pages together", () => {
  const table = new PageTable(4 * REGION_CELLS, 32);
  for (let position = 0; position < 100; position++) for (let stream = 0; stream < 32; stream++) table.place(stream, position, 1);
  for (let stream = 0; stream < 32; stream++) expect(table.runs(stream)).toHaveLength(1);
});

test("a run never crosses the border of a region", () => {
  const table = new PageTable(2 * REGION_CELLS, 1);
  table.place(0, 0, REGION_CELLS + 100);
  expect(table.runs(0).map(({ length }) => length)).toEqual([REGION_CELLS, 128]);
});
