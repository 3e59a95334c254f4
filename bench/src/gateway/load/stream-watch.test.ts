import { expect, test } from "vitest";
import { StreamWatch } from "./stream-watch.ts";

const ANSWER = Buffer.from(`${'data: {"a":1}\n\n'.repeat(3)}data: [DONE]\n\n`);

test("frames count once, however they are cut", () => {
  for (let cut = 1; cut < ANSWER.length; cut++) {
    const watch = new StreamWatch(0);
    watch.read(ANSWER.subarray(0, cut), 1);
    watch.read(ANSWER.subarray(cut), 2);
    expect([cut, watch.tokens, watch.isDone, watch.stalls]).toEqual([cut, 4, true, 0]);
  }
});

test("a wait of more than a second is a stall; the last wait of a stream that never ended is one too", () => {
  const watch = new StreamWatch(0);
  watch.read(Buffer.from("data: 1\n\n"), 900);
  watch.read(Buffer.from("data: 2\n\n"), 1_950);
  expect([watch.stalls, watch.longestMs]).toEqual([1, 1_050]);
  watch.end(9_000);
  expect([watch.stalls, watch.isDone]).toEqual([2, false]);
});

test("silence after the end is none", () => {
  const watch = new StreamWatch(0);
  watch.read(Buffer.from("data: [DONE]\n\n"), 10);
  watch.end(60_000);
  expect(watch.stalls).toBe(0);
});
