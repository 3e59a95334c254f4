import { expect, test } from "vitest";
import { parsePeak, parseStat, treeOf } from "./process-tree.ts";

test("a process name may hold spaces and parentheses", () => {
  const line = "41 (node (a) b) S 7 41 41 0 -1 4194560 1 0 0 0 120 30 0 0 20 0 11 0 99 1 1";
  expect(parseStat(line)).toEqual({ pid: 41, parent: 7, ticks: 150 });
});

test("the tree is the process and all below it, and nothing beside", () => {
  const all = [
    [1, 0],
    [7, 1],
    [8, 7],
    [9, 8],
    [10, 1],
  ].map(([pid, parent]) => ({ pid: pid!, parent: parent!, ticks: 0 }));
  expect(treeOf(7, all).map(({ pid }) => pid)).toEqual([7, 8, 9]);
  expect(treeOf(11, all)).toEqual([]);
});

test("the peak is in bytes, and zero for a process that is exiting", () => {
  expect(parsePeak("Name:\tnode\nVmHWM:\t    1024 kB\nVmRSS:\t 1000 kB\n")).toBe(1_048_576);
  expect(parsePeak("Name:\tnode\nState:\tZ (zombie)\n")).toBe(0);
});
