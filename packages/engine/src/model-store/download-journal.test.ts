import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DownloadJournal, type JournalHead, partialFiles } from "./download-journal.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "arriero-journal-"));
});
afterEach(() => rm(folder, { recursive: true }));

const limits = { journalBytes: 1, journalMs: 1000 };
const head: JournalHead = { totalBytes: 1000, partBytes: 300, validator: '"a"', sha256: null };

test("parts and their ranges", async () => {
  const files = partialFiles(folder, "k");
  const journal = await DownloadJournal.create(files, head, limits, () => 0);
  expect(journal.missingParts()).toEqual([0, 1, 2, 3]);
  expect(journal.range(3)).toEqual({ from: 900, to: 1000 });
  await journal.append(3, Buffer.alloc(100, 3));
  await journal.append(0, Buffer.alloc(50, 1));
  expect(journal.missingParts()).toEqual([0, 1, 2]);
  await journal.close();
  const again = await DownloadJournal.resume(files, limits, () => 0);
  expect(again?.head).toEqual(head);
  expect(again?.receivedBytes).toBe(150);
  expect(again?.range(0)).toEqual({ from: 50, to: 300 });
  await again?.close();
  expect((await readFile(files.data)).subarray(900)).toEqual(Buffer.alloc(100, 3));
});

test("a log cut at any byte claims no more than was written, and can be continued", async () => {
  const files = partialFiles(folder, "k");
  const journal = await DownloadJournal.create(files, head, limits, () => 0);
  for (const [part, bytes] of [
    [0, 100],
    [1, 300],
    [0, 200],
    [2, 1],
  ] as const)
    await journal.append(part, Buffer.alloc(bytes, 7));
  await journal.close();
  const log = await readFile(files.journal, "utf8");
  await fc.assert(
    fc.asyncProperty(fc.nat(log.length), async (length) => {
      await writeFile(files.journal, log.slice(0, length));
      const resumed = await DownloadJournal.resume(files, limits, () => 0);
      if (resumed === null) return;
      const before = resumed.receivedBytes;
      expect(before).toBeLessThanOrEqual(601);
      await resumed.append(3, Buffer.alloc(10, 7));
      await resumed.close();
      const last = await DownloadJournal.resume(files, limits, () => 0);
      expect(last?.receivedBytes).toBe(before + 10);
      await last?.close();
    }),
    { numRuns: 60 },
  );
});

test.each([
  ["a missing file", async (data: string) => rm(data)],
  ["a data file of another length", async (data: string) => truncate(data, 10)],
  ["a note beyond the end of its part", async (_: string, log: string) => appendFile(log, "[3,101]\n")],
  ["a note of a part that is none", async (_: string, log: string) => appendFile(log, "[4,1]\n")],
  ["words", async (_: string, log: string) => writeFile(log, "hello\n")],
])("%s is no download to continue", async (_name, damage) => {
  const files = partialFiles(folder, "k");
  await (await DownloadJournal.create(files, head, limits, () => 0)).close();
  await damage(files.data, files.journal);
  expect(await DownloadJournal.resume(files, limits, () => 0)).toBeNull();
});
