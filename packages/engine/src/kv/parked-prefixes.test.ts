import { expect, test, vi } from "vitest";
import { ToyRunner, toyGeneration } from "../testing/toy-runner.ts";
import { KvCache } from "./kv-cache.ts";
import { ParkedPrefixes } from "./parked-prefixes.ts";

const tokens = (count: number, salt = 0) => Int32Array.from({ length: count }, (_, i) => ((i * 7 + salt * 13) % 62) + 1);
const prefix = (count: number, salt: number, bytes = count) => ({
  adapter: "",
  tokens: tokens(count, salt),
  cells: new Uint8Array(bytes),
});

test("the bound in bytes holds: the least recently parked goes first, and what is too large is not taken", () => {
  const parked = new ParkedPrefixes(100);
  const [a, b, c] = [prefix(40, 1), prefix(40, 2), prefix(40, 3)];
  for (const each of [a, b, c]) parked.put(each);
  expect([parked.all(), parked.bytes, parked.tokens]).toEqual([[c, b], 80, 80]);
  parked.put(prefix(50, 4, 101));
  expect(parked.all()).toEqual([c, b]);
});

test("the longest shared beginning is found, under its own adapter only", () => {
  const parked = new ParkedPrefixes(1000);
  const [short, long] = [
    { ...prefix(40, 1), tokens: tokens(40).slice(0, 20) },
    { ...prefix(60, 1), tokens: tokens(60) },
  ];
  parked.put(long);
  parked.put({ ...short, adapter: "pirate" });
  expect(parked.best("", tokens(100), 99)).toEqual({ prefix: long, length: 60 });
  expect(parked.best("", tokens(100), 30)?.length).toBe(30);
  expect(parked.best("spanish", tokens(100), 99)).toBeNull();
});

test("what went on from an earlier prefix replaces it", () => {
  const parked = new ParkedPrefixes(1000);
  parked.put({ adapter: "", tokens: tokens(100), cells: new Uint8Array(100) });
  parked.put({ adapter: "", tokens: tokens(300), cells: new Uint8Array(300) });
  expect([parked.all().length, parked.bytes]).toEqual([1, 300]);
});

/** Computes a prompt as the step loop would, and lets it rest. */
function compute(cache: KvCache, runner: ToyRunner, prompt: Int32Array): number {
  const lease = cache.acquire("", prompt)!;
  const { cachedTokens, sequence } = lease;
  expect(cache.reserve(prompt.length - cachedTokens)).toBe(true);
  runner.begin();
  for (let i = cachedTokens; i < prompt.length; i++) {
    const wantsLogits = i === prompt.length - 1;
    runner.add({ token: prompt[i]!, position: i, sequence, adapter: "", wantsLogits, generated: false });
  }
  expect(runner.run()).toBe("ok");
  const next = runner.logits(prompt.length - cachedTokens - 1).indexOf(1);
  expect([next]).toEqual(toyGeneration([...prompt], 1).length === 0 ? [0] : toyGeneration([...prompt], 1));
  lease.computed = prompt.length;
  cache.rest(lease, prompt);
  return cachedTokens;
}

test("idle prefixes leave the cells and come back whole; a shared beginning is not doubled", () => {
  const runner = new ToyRunner({ cells: 1000, batchTokens: 500 });
  const cache = new KvCache(runner, 10_000);
  const [one, two] = [tokens(300, 1), tokens(300, 2)];
  compute(cache, runner, one);
  compute(cache, runner, two);
  cache.parkBeyond(400);
  expect([runner.cells, cache.usage().cached, cache.usage().parked]).toEqual([300, 300, 300]);
  cache.parkBeyond(400);
  expect(runner.cells).toBe(300);
  const again = Int32Array.of(...one, 5, 6, 7);
  expect(compute(cache, runner, again)).toBe(300);
  expect([runner.cells, cache.usage().parked]).toEqual([603, 0]);
  // Its first 200 tokens are in the cells: only what is beyond them is new.
  expect(compute(cache, runner, Int32Array.of(...one.slice(0, 200), 9, 9))).toBe(200);
  expect(runner.cells).toBe(605);
  expect(cache.leakedSequences()).toEqual([]);
});

test("what is too large to be parked is not even copied", () => {
  const runner = new ToyRunner({ cells: 1000, batchTokens: 500 });
  const read = vi.spyOn(runner, "read");
  const cache = new KvCache(runner, 299);
  compute(cache, runner, tokens(300, 1));
  cache.parkBeyond(100);
  expect([read.mock.calls.length, cache.usage().cached, cache.usage().parked]).toEqual([0, 300, 0]);
});

test("a long prefix does not come back for a small part of it, nor where it cannot fit", () => {
  const runner = new ToyRunner({ cells: 500, batchTokens: 500 });
  const cache = new KvCache(runner, 10_000);
  compute(cache, runner, tokens(400, 1));
  compute(cache, runner, tokens(300, 2));
  expect(cache.usage()).toMatchObject({ used: 300, parked: 400 });
  expect(compute(cache, runner, Int32Array.of(...tokens(400, 1).slice(0, 60), 9))).toBe(0);
  expect(cache.usage()).toMatchObject({ parked: 400 });
  const running = cache.acquire("", tokens(300, 2))!;
  expect(running.cachedTokens).toBe(299);
  expect(compute(cache, runner, Int32Array.of(...tokens(400, 1).slice(0, 150), 9))).toBe(60);
  expect(cache.usage()).toMatchObject({ parked: 400 });
  cache.discard(running);
  expect(compute(cache, runner, Int32Array.of(...tokens(400, 1), 9))).toBe(400);
});

test("a snapshot's newest prefixes come into the cells, older ones are parked, and of those the newest stay", () => {
  const cache = new KvCache(new ToyRunner({ cells: 500 }), 400);
  for (const salt of [1, 2, 3])
    expect(cache.restore({ adapter: "", tokens: tokens(300, salt), cells: Uint8Array.from(tokens(300, salt)) })).toBe(true);
  expect([...cache.idle()].map((prefix) => prefix.tokens)).toEqual([tokens(300, 3), tokens(300, 2)]);
});

test("where cells run out, what fits is parked before anything is lost", () => {
  const runner = new ToyRunner({ cells: 400, batchTokens: 400 });
  const cache = new KvCache(runner, 10_000);
  for (const salt of [1, 2, 3]) compute(cache, runner, tokens(300, salt));
  expect(cache.usage()).toMatchObject({ used: 300, parked: 600 });
  expect(compute(cache, runner, Int32Array.of(...tokens(300, 1), 8))).toBe(300);
});
