import { readFileSync } from "node:fs";
import { afterAll, expect, it } from "vitest";
import { FAULT_COLUMNS, faultCell, faultTable } from "../testing/fault-table.ts";
import { FAULTS } from "../testing/faults.ts";
import { EnginePools } from "./engine-pools.ts";

const pools = new EnginePools();
afterAll(() => pools.close());

/** `npm run soak -- faults` prints the table. */
it("docs/reliability.md says what becomes of an answer under each fault, and on our engine it is whole", async () => {
  const found = new Map<string, string>();
  for (const column of FAULT_COLUMNS) {
    for (const fault of FAULTS) found.set(`${fault}/${column.name}`, await faultCell(pools, fault, column));
  }
  const table = faultTable((fault, { name }) => found.get(`${fault}/${name}`) ?? "");
  if (process.env["ARRIERO_SOAK"] === "1") console.log(table);
  for (const fault of FAULTS) expect([fault, found.get(`${fault}/${FAULT_COLUMNS[0]!.name}`)]).toEqual([fault, "whole"]);
  expect(readFileSync(new URL("../../../../docs/reliability.md", import.meta.url), "utf8")).toContain(table);
}, 60_000);
