import { expect, test } from "vitest";
import { everyTenth } from "./build-peer.ts";

test("both of cmake's progress forms give one line a tenth", () => {
  const notes: string[] = [];
  const onLine = everyTenth((line) => notes.push(line));
  for (const line of ["[  3%] Building a", "[ 12%] Building b", "[ 13%] Building c", "[100/218] Building d", "-- no progress"])
    onLine(line);
  expect(notes).toEqual(["building llama-server: 0 %", "building llama-server: 10 %", "building llama-server: 40 %"]);
});
