import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withLock } from "./store-lock.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "arriero-lock-"));
  path = join(folder, "x.lock");
});
afterEach(() => rm(folder, { recursive: true }));

const quick = { pollMs: 5 };

/** The record of a lock as this process would write it, with other values. */
async function record(change: Record<string, unknown>): Promise<string> {
  return await withLock(path, quick, async () =>
    JSON.stringify({ ...JSON.parse(await readFile(path, "utf8")), token: "other", ...change }),
  );
}

test("callers of one process come one after another, and nothing is left", async () => {
  let inside = 0;
  const order: number[] = [];
  await Promise.all(
    Array.from({ length: 10 }, (_, i) =>
      withLock(path, quick, async () => {
        expect(++inside).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        order.push(i);
        inside--;
      }),
    ),
  );
  expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(await readdir(folder)).toEqual([]);
});

test("a failure releases the lock", async () => {
  await expect(withLock(path, quick, async () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await withLock(path, quick, async () => 1)).toBe(1);
});

test("a lock of a process that is gone is taken over at once", async () => {
  const child = spawn(process.execPath, ["-e", ""]);
  await new Promise((resolve) => child.once("exit", resolve));
  await writeFile(path, await record({ pid: child.pid, started: null }));
  expect(await withLock(path, quick, async () => 1)).toBe(1);
  expect(await readdir(folder)).toEqual([]);
});

test.skipIf(process.platform !== "linux")("a process number given to another process does not keep a lock", async () => {
  await writeFile(path, await record({ started: "1" }));
  expect(await withLock(path, quick, async () => 1)).toBe(1);
});

test("a lock of a living process is waited for, until the caller gives up", async () => {
  await writeFile(path, await record({ pid: process.ppid, started: null }));
  const controller = new AbortController();
  let waited = 0;
  const onWait = (): void => {
    waited++;
    setImmediate(() => controller.abort());
  };
  const waiting = withLock(path, { ...quick, signal: controller.signal, onWait }, async () => 1);
  await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
  expect(waited).toBe(1);
  expect((await readdir(folder)).filter((file) => file !== "x.lock")).toEqual([]);
});

test("a lock of another machine is stale once its heartbeat stands still", async () => {
  await writeFile(path, await record({ host: `not ${hostname()}` }));
  expect(await withLock(path, { ...quick, staleMs: 40 }, async () => 1)).toBe(1);
});

test("a lock that holds no record is stale the same way", async () => {
  await writeFile(path, "");
  expect(await withLock(path, { ...quick, staleMs: 40 }, async () => 1)).toBe(1);
});
