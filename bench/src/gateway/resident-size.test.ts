import { expect, test } from "vitest";
import { parseResident } from "./resident-size.ts";

test("the resident size is read in bytes; a process that is gone has none", () => {
  expect(parseResident("Name:\tnode\nVmHWM:\t 9000 kB\nVmRSS:\t   81920 kB\nThreads:\t11\n")).toBe(81_920 * 1024);
  expect(parseResident("")).toBeNull();
});
