import { expect, it } from "vitest";
import { rowsByAge } from "./by-age.ts";

const now = new Date(2026, 4, 20, 9, 30).getTime();
const at = (day: number, hour: number) => ({ updatedAt: new Date(2026, 4, day, hour).getTime() });

it("puts a row before each new age, by calendar days", () => {
  const rows = rowsByAge([at(20, 8), at(20, 0), at(19, 23), at(15, 12), at(2, 1)], now);
  expect(rows.map((row) => (row.kind === "age" ? row.age : "-"))).toEqual([
    "today",
    "-",
    "-",
    "yesterday",
    "-",
    "week",
    "-",
    "older",
    "-",
  ]);
});
