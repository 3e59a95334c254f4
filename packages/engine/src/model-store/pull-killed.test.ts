import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { tinyModel } from "../gguf/testing/tiny-models.ts";
import type { PullProgress } from "./pull-progress.ts";
import type { StoredModel } from "./stored-model.ts";
import { answerFor, FileServer } from "./testing/file-server.ts";
import { type TestStore, testStore } from "./testing/temporary-home.ts";

const CHILD = fileURLToPath(new URL("testing/pull-child.mjs", import.meta.url));
const built = existsSync(fileURLToPath(new URL("../../dist/model-store/model-store.js", import.meta.url)));
const PART = 64 * 1024;
/** Bytes the server sends on each of the first four connections before it holds them. */
const HELD_AT = 30_000;

const model = tinyModel({ weightBytes: 10 * PART });

describe.skipIf(!built)("a pull whose process is killed (skipped until the package is built)", () => {
  let server: FileServer;
  let at: TestStore;
  let child: ChildProcess;
  beforeEach(async () => {
    server = await FileServer.start();
    server.files.set("/tiny.gguf", { bytes: model, etag: '"a"' });
    at = await testStore();
  });
  afterEach(async () => {
    child.kill("SIGKILL");
    await server.close();
    await at.remove();
  });

  /** Bytes that the journal of the only partial download claims. */
  async function notedBytes(): Promise<number> {
    const journal = (await at.files("partial")).find((file) => file.endsWith(".journal"));
    if (journal === undefined) return 0;
    const lines = (await readFile(join(at.home, "models", "partial", journal), "utf8")).trim().split("\n").slice(1);
    const parts = new Map(lines.map((line) => JSON.parse(line) as [number, number]));
    return [...parts.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Lets four connections receive HELD_AT bytes each, then kills the process. */
  async function pullAndKill(reference: string, beforeKill: () => Promise<void> = async () => undefined): Promise<void> {
    server.fault = (request, response, seen) => {
      const { status, headers, body } = answerFor(server.files.get("/tiny.gguf")!, request);
      response.writeHead(status, headers);
      seen.sentBytes = HELD_AT;
      response.write(body.subarray(0, HELD_AT));
      return true;
    };
    child = spawn(process.execPath, [CHILD, at.home, reference], { stdio: ["ignore", "pipe", "inherit"] });
    const exited = new Promise((resolve) => child.once("exit", resolve));
    let killed = false;
    for await (const line of createInterface({ input: child.stdout! })) {
      const progress = JSON.parse(line) as PullProgress;
      // What reached the disk is noted a moment after it was received: the kill comes once it is.
      if (!killed && progress.receivedBytes === 4 * HELD_AT) {
        killed = true;
        await expect.poll(notedBytes, { timeout: 10_000 }).toBe(4 * HELD_AT);
        server.fault = () => false;
        await beforeKill();
        child.kill("SIGKILL");
      }
    }
    await exited;
  }

  test("goes on where it stopped: no byte that was received is fetched again", { timeout: 60_000 }, async () => {
    const reference = `${server.url}/tiny.gguf`;
    await pullAndKill(reference);
    expect(server.sentBytes).toBe(4 * HELD_AT);
    expect(await at.files("locks")).toHaveLength(1);
    expect(await at.store.list()).toEqual([]);

    const progress: PullProgress[] = [];
    const stored = await at.store.pull(reference, { onProgress: (p) => progress.push(p) });
    expect((await readFile(stored.path)).equals(model)).toBe(true);
    expect(stored.digest).toBe(`sha256:${createHash("sha256").update(model).digest("hex")}`);
    expect(progress.find(({ phase }) => phase === "downloading")!.resumedBytes).toBe(4 * HELD_AT);
    expect(server.sentBytes).toBe(model.length);
    expect(await at.files("locks")).toEqual([]);
    expect(await at.files("partial")).toEqual([]);
  });

  test("another process that wants the same file waits, and takes over when the first is gone", { timeout: 60_000 }, async () => {
    const reference = `${server.url}/tiny.gguf`;
    let second: Promise<StoredModel> | null = null;
    await pullAndKill(reference, async () => {
      await new Promise<void>((waits) => {
        // The lock says `resolving` under the file's name when it is held by another.
        second = at.store.pull(reference, { onProgress: ({ file }) => (file === "tiny.gguf" ? waits() : undefined) });
      });
      expect(server.sentBytes).toBe(4 * HELD_AT);
    });
    const stored = await second!;
    expect((await readFile(stored.path)).equals(model)).toBe(true);
    expect(server.sentBytes).toBe(model.length);
  });
});
