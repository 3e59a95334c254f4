import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PrefixTree } from "./prefix-tree.ts";

const ROOTS = ["", "pirate"];

/** What the tree stands for, the slow way: which tokens each sequence holds. */
class Model {
  readonly held = new Map<number, { root: string; tokens: number[]; pinned: boolean }>();

  longest(root: string, tokens: number[], limit: number): number {
    let best = 0;
    for (const entry of this.held.values()) {
      if (entry.root !== root) continue;
      let length = 0;
      while (length < Math.min(limit, tokens.length, entry.tokens.length) && entry.tokens[length] === tokens[length]) length++;
      best = Math.max(best, length);
    }
    return best;
  }

  /** Distinct prefixes held: one cell each. */
  cells(filter: (entry: { pinned: boolean }) => boolean = () => true): number {
    const prefixes = new Set<string>();
    for (const entry of this.held.values()) {
      if (!filter(entry)) continue;
      for (let length = 1; length <= entry.tokens.length; length++)
        prefixes.add(`${entry.root}|${entry.tokens.slice(0, length).join(",")}`);
    }
    return prefixes.size;
  }
}

const tokensArbitrary = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 12 });
const operation = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("hold" as const), root: fc.constantFrom(...ROOTS), tokens: tokensArbitrary }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("rest" as const), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("drop" as const), pick: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("evict" as const), cells: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("evictSequence" as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("grow" as const), pick: fc.nat(), more: tokensArbitrary }) },
);

function pick(model: Model, nth: number, pinned: boolean): number | undefined {
  const ids = [...model.held].filter(([, entry]) => entry.pinned === pinned).map(([id]) => id);
  return ids[nth % Math.max(1, ids.length)];
}

describe("prefix tree laws", () => {
  test("any history: longest match, exact cell count, pins respected, cuts consistent", () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), tokensArbitrary, (operations, probe) => {
        const tree = new PrefixTree();
        const model = new Model();
        let next = 0;
        for (const step of operations) {
          switch (step.kind) {
            case "hold": {
              const tokens = Int32Array.from(step.tokens);
              const before = tree.match(step.root, tokens, tokens.length);
              const id = next++;
              const shared = tree.hold(id, step.root, tokens, tokens.length, before.length);
              expect(shared).toEqual([]);
              model.held.set(id, { root: step.root, tokens: step.tokens, pinned: true });
              break;
            }
            case "grow": {
              const id = pick(model, step.pick, true);
              if (id === undefined) break;
              const entry = model.held.get(id)!;
              const known = entry.tokens.length;
              const tokens = [...entry.tokens, ...step.more];
              const others = new Model();
              for (const [other, value] of model.held) if (other !== id) others.held.set(other, value);
              const expected = Math.max(0, others.longest(entry.root, tokens, tokens.length) - known);
              const shared = tree.hold(id, entry.root, Int32Array.from(tokens), tokens.length, known);
              expect(shared.reduce((sum, range) => sum + range.to - range.from, 0)).toBe(expected);
              for (const range of shared) {
                expect(model.held.get(range.holder)!.tokens.slice(range.from, range.to)).toEqual(
                  tokens.slice(range.from, range.to),
                );
              }
              entry.tokens = tokens;
              break;
            }
            case "rest": {
              const id = pick(model, step.pick, true);
              if (id === undefined) break;
              const cells = tree.cells;
              model.held.get(id)!.pinned = false;
              for (const freed of tree.rest(id)) model.held.delete(freed);
              expect(tree.cells).toBe(cells);
              break;
            }
            case "drop": {
              const id = pick(model, step.pick, true) ?? pick(model, step.pick, false);
              if (id === undefined) break;
              tree.drop(id);
              model.held.delete(id);
              break;
            }
            case "evictSequence": {
              const cut = tree.evictSequence();
              if (cut === null) break;
              expect(model.held.get(cut.sequence)?.pinned).toBe(false);
              model.held.delete(cut.sequence);
              break;
            }
            case "evict": {
              const cells = tree.cells;
              const evictable = tree.evictableCells();
              const { freed, cuts } = tree.evict(step.cells);
              expect(freed).toBe(Math.min(step.cells, evictable));
              expect(tree.cells).toBe(cells - freed);
              for (const cut of cuts) {
                const entry = model.held.get(cut.sequence)!;
                expect(entry.pinned).toBe(false);
                if (cut.length === 0) model.held.delete(cut.sequence);
                else entry.tokens = entry.tokens.slice(0, cut.length);
              }
              break;
            }
          }
          expect(tree.cells).toBe(model.cells());
          expect(tree.cells - tree.evictableCells()).toBe(model.cells((entry) => entry.pinned));
        }
        for (const root of ROOTS) {
          const match = tree.match(root, Int32Array.from(probe), probe.length);
          expect(match.length).toBe(model.longest(root, probe, probe.length));
          if (match.holder !== null)
            expect(model.held.get(match.holder)!.tokens.slice(0, match.length)).toEqual(probe.slice(0, match.length));
        }
        for (const [id, entry] of model.held) expect([...tree.tokensOf(id)]).toEqual(entry.tokens);
      }),
      { numRuns: 2000 },
    );
  });

  test("keys carry the adapter: the same tokens under another root match nothing", () => {
    const tree = new PrefixTree();
    tree.hold(0, "", Int32Array.of(1, 2, 3), 3, 0);
    expect(tree.match("pirate", Int32Array.of(1, 2, 3), 3)).toEqual({ length: 0, holder: null });
    expect(tree.match("", Int32Array.of(1, 2, 9), 3)).toEqual({ length: 2, holder: 0 });
  });

  test("the least recently used end goes first, and a shared stem outlives its branches", () => {
    const tree = new PrefixTree();
    tree.hold(0, "", Int32Array.of(1, 2, 3, 4), 4, 0);
    tree.hold(1, "", Int32Array.of(1, 2, 5, 6), 4, 2);
    tree.rest(0);
    tree.rest(1);
    expect(tree.evict(2)).toEqual({
      freed: 2,
      cuts: [{ sequence: 0, length: 0 }].map(() => expect.objectContaining({ sequence: 0 })),
    });
    expect(tree.match("", Int32Array.of(1, 2, 5, 6), 4).length).toBe(4);
  });
});
