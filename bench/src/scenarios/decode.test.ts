import { expect, test } from "vitest";
import { decodeRate } from "./decode.ts";
import { tokensAt } from "./token-stream.fixture.ts";

test("only the time in which every stream decodes counts", () => {
  // Both run from 1,000 to 2,000 ms: 10 + 5 tokens in one second. The late start and the tail of the second do not count.
  const first = tokensAt(0, every(100, 0, 2_000));
  const second = tokensAt(0, every(200, 1_000, 5_000));
  expect(decodeRate([first, second])).toBeCloseTo(15);
});

test("streams that never overlap are rated over the whole span", () => {
  expect(decodeRate([tokensAt(0, [0, 100]), tokensAt(0, [900, 1_000])])).toBeCloseTo(3);
});

test("a server that sends two tokens in a piece is credited with both", () => {
  const stream = { ...tokensAt(0, every(100, 0, 1_000)), tokens: 22 };
  expect(decodeRate([stream])).toBeCloseTo(20);
});

function every(step: number, from: number, to: number): number[] {
  return Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step);
}
