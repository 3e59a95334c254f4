import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openai } from "@arriero/dialects";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { BatchLog, type LoggedLine } from "./batch-log.ts";
import { boundedLines } from "./bounded-lines.ts";

const folder = mkdtempSync(join(tmpdir(), "arriero-log-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tokens = { prompt: 1, cached: 0, completion: 2, reasoning: 0 };
const logged = (line: number): LoggedLine => ({
  line,
  ok: true,
  record: openai.formatBatchLine(`l${line}`, `custom ${line} ä`, { kind: "answered", status: 200, requestId: "r", body: {} }),
  tokens,
});

async function reopen(path: string): Promise<number[]> {
  const lines: number[] = [];
  const log = await BatchLog.open(path, ({ line }) => lines.push(line));
  await log.append(logged(99));
  await log.close();
  return lines;
}

it("a log cut off anywhere has the lines that were whole, and goes on behind them", async () => {
  const path = join(folder, "cut.log");
  await fc.assert(
    fc.asyncProperty(fc.nat(5), fc.nat(400), async (count, cut) => {
      writeFileSync(path, "");
      const log = await BatchLog.open(path, () => undefined);
      await Promise.all(Array.from({ length: count }, (_, index) => log.append(logged(index + 1))));
      await log.close();
      const whole = readFileSync(path, "utf8");
      truncateSync(path, Math.max(0, Buffer.byteLength(whole) - cut));
      const left = readFileSync(path).toString("latin1").split("\n").length - 1;
      expect(await reopen(path)).toEqual(Array.from({ length: left }, (_, index) => index + 1));
      expect(
        readFileSync(path, "utf8")
          .trimEnd()
          .split("\n")
          .map((each) => JSON.parse(each).line)
          .at(-1),
      ).toBe(99);
    }),
    { numRuns: 30 },
  );
});

it("of a line that is there twice the first counts", async () => {
  const path = join(folder, "twice.log");
  writeFileSync(path, "");
  for (const line of [1, 2, 1]) appendFileSync(path, `${JSON.stringify(logged(line))}\n`);
  expect(await reopen(path)).toEqual([1, 2]);
});

it("lines come whole, whatever the cuts, and one that is too long is refused", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: "binary" })), fc.integer({ min: 1, max: 9 }), async (texts, size) => {
      const lines = texts.map((text) => text.replaceAll("\n", " ").trim());
      const bytes = Buffer.from(lines.join("\n"));
      const cut = async function* () {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      };
      const read: [number, string][] = [];
      for await (const { number, text } of boundedLines(cut(), 10_000)) read.push([number, text]);
      expect(read).toEqual(lines.map((text, index) => [index + 1, text]).filter(([, text]) => text !== ""));
    }),
  );
  const long = async function* () {
    yield Buffer.from("abc\nabcdef");
  };
  const read = async () => {
    for await (const _ of boundedLines(long(), 5));
  };
  await expect(read()).rejects.toThrow("Line 2 has more than 5 bytes");
});
