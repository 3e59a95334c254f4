import { expect, test } from "vitest";
import { paddingTokens, TILE_TOKENS } from "./attention-tile.ts";

const WIDTH = 24_000;

test("a short chunk behind a long context is padded to a whole tile, one at the start is not", () => {
  expect(paddingTokens(46, 2100, WIDTH)).toBe(TILE_TOKENS - 46);
  expect(paddingTokens(46, 46, WIDTH)).toBe(0);
});

test("decode steps and whole tiles are left alone, however long the context", () => {
  for (const tokens of [1, 8, TILE_TOKENS, 200]) expect(paddingTokens(tokens, 100_000, WIDTH)).toBe(0);
});
