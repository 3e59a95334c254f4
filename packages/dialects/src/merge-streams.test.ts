import fc from "fast-check";
import { expect, test } from "vitest";
import { mergeStreams } from "./merge-streams.ts";

async function* source<T>(values: readonly T[]): AsyncGenerator<T> {
  for (const value of values) yield value;
}

test("every value of every source once, each source in its own order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(fc.nat(), { maxLength: 8 }), { maxLength: 6 }), async (lists) => {
      const got: number[][] = lists.map(() => []);
      for await (const [i, value] of mergeStreams(lists.map(source))) got[i]?.push(value);
      expect(got).toEqual(lists);
    }),
  );
});

test("a silent source holds back no other", async () => {
  const silent: AsyncIterable<string> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) };
  const got: string[] = [];
  for await (const [, value] of mergeStreams([silent, source(["a", "b"])])) {
    got.push(value);
    if (got.length === 2) break;
  }
  expect(got).toEqual(["a", "b"]);
});

test("leaving early, or one failure, returns every source", async () => {
  const returned: number[] = [];
  async function* watched(id: number): AsyncGenerator<number> {
    try {
      for (;;) yield id;
    } finally {
      returned.push(id);
    }
  }
  for await (const _ of mergeStreams([watched(0), watched(1)])) break;
  await expect.poll(() => returned.toSorted()).toEqual([0, 1]);

  async function* failing(): AsyncGenerator<number> {
    yield 1;
    throw new Error("broken");
  }
  const drain = async () => {
    for await (const _ of mergeStreams([watched(2), failing()]));
  };
  await expect(drain()).rejects.toThrow("broken");
  await expect.poll(() => returned.includes(2)).toBe(true);
});
