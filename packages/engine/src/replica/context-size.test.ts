import { expect, test } from "vitest";
import { cellBytes, defaultCells } from "./context-size.ts";

const shape = { layers: 22, headsKv: 4, keyLength: 64, valueLength: 64, contextLength: 4096 };

test("a cell holds a key and a value per layer and KV head in F16", () => {
  expect(cellBytes(shape)).toBe(22 * 4 * 128 * 2);
});

test("the default takes at most a quarter of the free memory, and never less than one short context", () => {
  expect(defaultCells(shape, 64e9)).toBe(16_384);
  expect(defaultCells({ ...shape, contextLength: 131_072 }, 64e9)).toBe(32_768);
  const tight = defaultCells(shape, 400e6);
  expect(tight * cellBytes(shape)).toBeLessThanOrEqual(100e6);
  expect(tight % 256).toBe(0);
  expect(defaultCells(shape, 0)).toBe(2048);
});
