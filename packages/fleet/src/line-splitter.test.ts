import { expect, it } from "vitest";
import { splitLines } from "./line-splitter.ts";

function linesOf(chunks: readonly Buffer[], maxChars?: number): string[] {
  const lines: string[] = [];
  const feed = splitLines((line) => lines.push(line), maxChars);
  for (const chunk of chunks) feed(chunk);
  return lines;
}

it("gives the same lines however the bytes are cut", () => {
  const bytes = Buffer.from("año\nuno\r\n\ndos 🦙 tres\nrest");
  for (let size = 1; size <= bytes.length; size++) {
    const chunks: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
    expect(linesOf(chunks)).toEqual(["año", "uno", "", "dos 🦙 tres"]);
  }
});

it("cuts a line that is too long and goes on with the next", () => {
  expect(linesOf([Buffer.from("aaaa"), Buffer.from("bbbb"), Buffer.from("cc\nnext\n")], 6)).toEqual(["aaaabb", "next"]);
});
