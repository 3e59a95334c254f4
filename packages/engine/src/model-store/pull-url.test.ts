import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { tinyModel } from "../gguf/testing/tiny-models.ts";
import type { PullProgress } from "./pull-progress.ts";
import { answerFor, FileServer } from "./testing/file-server.ts";
import { type TestStore, testStore } from "./testing/temporary-home.ts";

const PART = 64 * 1024;
const model = tinyModel({ weightBytes: 10 * PART });
const other = tinyModel({ weightBytes: 10 * PART, fill: 2 });
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

let server: FileServer;
let at: TestStore;
beforeEach(async () => {
  server = await FileServer.start();
  at = await testStore();
});
afterEach(async () => {
  await server.close();
  await at.remove();
});

/** Compares by bytes; a matcher would take seconds over it. */
async function expectFile(path: string, bytes: Buffer): Promise<void> {
  expect((await readFile(path)).equals(bytes)).toBe(true);
}

/** Nothing of a failed pull may be seen. */
async function expectNothingVisible(): Promise<void> {
  expect(await at.files("blobs")).toEqual([]);
  expect(await at.files("manifests")).toEqual([]);
  expect(await at.store.list()).toEqual([]);
}

describe("a server with ranges", () => {
  test("a file comes in parallel parts, each byte once, and is stored under its checksum", async () => {
    server.files.set("/tiny.gguf", { bytes: model, etag: '"a"' });
    const progress: PullProgress[] = [];
    const stored = await at.store.pull(`${server.url}/tiny.gguf`, { onProgress: (p) => progress.push(p) });
    expect(stored).toMatchObject({ name: "tiny", digest: `sha256:${sha256(model)}`, sizeBytes: model.length, bundled: false });
    expect(stored.source).toBe(`${server.url}/tiny.gguf`);
    await expectFile(stored.path, model);
    expect(server.requests.length).toBe(11);
    expect(server.sentBytes).toBe(model.length);
    expect(await at.files("blobs")).toEqual([`sha256-${sha256(model)}`]);
    expect(await at.files("partial")).toEqual([]);
    expect(await at.files("locks")).toEqual([]);
    expect([...new Set(progress.map(({ phase }) => phase))]).toEqual(["resolving", "downloading", "verifying", "done"]);
    expect(progress.filter(({ phase }) => phase === "downloading").at(-1)).toMatchObject({
      receivedBytes: model.length,
      totalBytes: model.length,
    });
    expect(await at.store.describe("tiny")).toMatchObject({ architecture: "llama", quantization: "Q4_0", contextLength: 512 });
  });

  test("connections cut in the middle go on at the next byte", async () => {
    await at.remove();
    let clock = 0;
    // The clock jumps, so that every piece is reported.
    at = await testStore({ now: () => (clock += 1000) });
    server.files.set("/tiny.gguf", { bytes: model, etag: '"a"' });
    const held: ServerResponse[] = [];
    let cuts = 0;
    server.fault = (request, response, seen) => {
      if (cuts >= 6) return false;
      const { status, headers, body } = answerFor(server.files.get("/tiny.gguf")!, request);
      cuts++;
      response.writeHead(status, headers);
      seen.sentBytes = 20_000;
      response.write(body.subarray(0, seen.sentBytes));
      held.push(response);
      return true;
    };
    const stored = await at.store.pull(`${server.url}/tiny.gguf`, {
      onProgress: ({ receivedBytes }) => {
        if (receivedBytes === server.sentBytes) for (const response of held.splice(0)) response.destroy();
      },
    });
    await expectFile(stored.path, model);
    expect(cuts).toBe(6);
    expect(server.sentBytes).toBe(model.length);
    expect(at.slept.length).toBe(6);
  });

  test("a server that keeps failing is given up, and the next pull fetches only what is missing", async () => {
    server.files.set("/tiny.gguf", { bytes: model, etag: '"a"' });
    server.fault = (request, response) => {
      if (request.headers.range?.startsWith("bytes=0-") || request.headers.range?.startsWith(`bytes=${PART}-`)) return false;
      response.writeHead(500).end();
      return true;
    };
    await expect(at.store.pull(`${server.url}/tiny.gguf`)).rejects.toMatchObject({
      code: "pull_failed",
      message: expect.stringContaining("500"),
    });
    await expectNothingVisible();
    const before = server.sentBytes;
    server.fault = () => false;
    const progress: PullProgress[] = [];
    await at.store.pull(`${server.url}/tiny.gguf`, { onProgress: (p) => progress.push(p) });
    const { resumedBytes } = progress.find(({ phase }) => phase === "downloading")!;
    expect(resumedBytes).toBeGreaterThan(0);
    expect(server.sentBytes - before).toBe(model.length - resumedBytes);
  });

  test("an aborted pull is cancelled, keeps what it has, and goes on later", async () => {
    server.files.set("/tiny.gguf", { bytes: model, etag: '"a"' });
    const controller = new AbortController();
    const pull = at.store.pull(`${server.url}/tiny.gguf`, {
      signal: controller.signal,
      onProgress: ({ receivedBytes }) => {
        if (receivedBytes >= 2 * PART) controller.abort();
      },
    });
    await expect(pull).rejects.toMatchObject({ code: "cancelled" });
    await expectNothingVisible();
    expect(await at.files("locks")).toEqual([]);
    const progress: PullProgress[] = [];
    await at.store.pull(`${server.url}/tiny.gguf`, { onProgress: (p) => progress.push(p) });
    expect(progress.find(({ phase }) => phase === "downloading")!.resumedBytes).toBeGreaterThanOrEqual(2 * PART);
  });

  test("a file that changed since the last run starts over", async () => {
    server.files.set("/tiny.gguf", { bytes: model, etag: '"a"' });
    server.fault = (request, response) => {
      if (!request.headers.range?.startsWith(`bytes=${4 * PART}-`)) return false;
      response.writeHead(403).end();
      return true;
    };
    await expect(at.store.pull(`${server.url}/tiny.gguf`)).rejects.toMatchObject({ code: "pull_failed" });
    server.fault = () => false;
    server.files.set("/tiny.gguf", { bytes: other, etag: '"b"' });
    const stored = await at.store.pull(`${server.url}/tiny.gguf`);
    await expectFile(stored.path, other);
    expect(server.requests.some(({ headers }) => headers["if-range"] === '"a"')).toBe(true);
  });

  test("a file that changes while it is pulled starts over, a bounded number of times", async () => {
    server.files.set("/tiny.gguf", { bytes: model, etag: '"0"' });
    let version = 0;
    server.fault = (request) => {
      if (request.headers.range?.startsWith(`bytes=${5 * PART}-`))
        server.files.set("/tiny.gguf", { bytes: model, etag: `"${++version}"` });
      return false;
    };
    await expect(at.store.pull(`${server.url}/tiny.gguf`)).rejects.toMatchObject({
      message: expect.stringContaining("changed at its source 3 times"),
    });
    await expectNothingVisible();
  });

  test("without a validator nothing of an earlier run is trusted", async () => {
    server.files.set("/tiny.gguf", { bytes: model });
    server.fault = (request, response) => {
      if (!request.headers.range?.startsWith(`bytes=${4 * PART}-`)) return false;
      response.writeHead(403).end();
      return true;
    };
    await expect(at.store.pull(`${server.url}/tiny.gguf`)).rejects.toThrow();
    server.fault = () => false;
    server.files.set("/tiny.gguf", { bytes: other });
    await expectFile((await at.store.pull(`${server.url}/tiny.gguf`)).path, other);
  });

  test("a stalled connection is cut after idleMs and tried again", async () => {
    await at.remove();
    at = await testStore({ download: { idleMs: 300 } });
    server.files.set("/tiny.gguf", { bytes: model, etag: '"a"' });
    let stalled = false;
    server.fault = (request, response) => {
      if (stalled || !request.headers.range?.startsWith(`bytes=${PART}-`)) return false;
      stalled = true;
      const { status, headers, body } = answerFor(server.files.get("/tiny.gguf")!, request);
      response.writeHead(status, headers);
      response.write(body.subarray(0, 100));
      return true;
    };
    await expectFile((await at.store.pull(`${server.url}/tiny.gguf`)).path, model);
    expect(stalled).toBe(true);
  });
});

describe("a server without ranges", () => {
  test.each([{ chunked: false }, { chunked: true }])("one stream, chunked: $chunked", async ({ chunked }) => {
    server.files.set("/tiny.gguf", { bytes: model, ranges: false, chunked });
    await expectFile((await at.store.pull(`${server.url}/tiny.gguf`)).path, model);
    expect(server.requests.length).toBe(1);
  });

  test("a cut stream begins again", async () => {
    server.files.set("/tiny.gguf", { bytes: model, ranges: false });
    let cut = false;
    server.fault = (_request, response) => {
      if (cut) return false;
      cut = true;
      response.writeHead(200, { "content-length": String(model.length) });
      response.write(model.subarray(0, 100_000), () => response.socket?.end());
      return true;
    };
    await expectFile((await at.store.pull(`${server.url}/tiny.gguf`)).path, model);
    expect(server.requests.length).toBe(2);
  });
});

describe("what the server answers", () => {
  test.each([
    [404, "model_not_found"],
    [401, "pull_failed"],
    [403, "pull_failed"],
    [410, "pull_failed"],
  ])("%i is %s, without another try", async (status, code) => {
    server.fault = (_request, response) => {
      response.writeHead(status).end();
      return true;
    };
    await expect(at.store.pull(`${server.url}/tiny.gguf`)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(String(status)),
    });
    expect(server.requests.length).toBe(1);
  });

  test("429 waits as Retry-After says; 503 backs off; both are bounded", async () => {
    server.files.set("/tiny.gguf", { bytes: tinyModel(), etag: '"a"' });
    server.fault = (_request, response) => {
      if (server.requests.length > 3) return false;
      if (server.requests.length === 1) response.writeHead(429, { "retry-after": "7" }).end();
      else response.writeHead(503).end();
      return true;
    };
    await at.store.pull(`${server.url}/tiny.gguf`);
    expect(at.slept).toEqual([7000, 750, 1500]);
    server.fault = (_request, response) => {
      response.writeHead(429, { "retry-after": "86400" }).end();
      return true;
    };
    await expect(at.store.pull(`${server.url}/tiny.gguf`)).rejects.toMatchObject({
      code: "pull_failed",
      body: { retryAfter: 86400 },
    });
    server.requests.length = 0;
    server.fault = (_request, response) => {
      response.writeHead(500).end();
      return true;
    };
    await expect(at.store.pull(`${server.url}/tiny.gguf`)).rejects.toMatchObject({ code: "pull_failed" });
    expect(server.requests.length).toBe(6);
  });

  test("no server at all", async () => {
    const gone = await FileServer.start();
    const url = gone.url;
    await gone.close();
    await expect(at.store.pull(`${url}/tiny.gguf`)).rejects.toMatchObject({
      code: "pull_failed",
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  test("redirects are followed, loops and plain http to elsewhere are not", async () => {
    server.files.set("/real.gguf", { bytes: model, etag: '"a"' });
    server.fault = (request, response) => {
      const to = { "/tiny.gguf": "/real.gguf", "/loop.gguf": "/loop.gguf", "/away.gguf": "http://example.org/x" }[
        request.url ?? ""
      ];
      if (to === undefined) return false;
      response.writeHead(302, { location: to }).end();
      return true;
    };
    expect((await at.store.pull(`${server.url}/tiny.gguf`)).name).toBe("tiny");
    await expect(at.store.pull(`${server.url}/loop.gguf`)).rejects.toMatchObject({
      message: expect.stringContaining("more than 5 times"),
    });
    await expect(at.store.pull(`${server.url}/away.gguf`)).rejects.toMatchObject({
      message: expect.stringContaining("only https"),
    });
  });
});

describe("bytes that are wrong", () => {
  test("a damaged file is refused where the reference names its checksum", async () => {
    const damaged = Buffer.from(model);
    damaged[damaged.length - 1000]! ^= 1;
    server.files.set("/tiny.gguf", { bytes: damaged, etag: '"a"' });
    await expect(at.store.pull(`${server.url}/tiny.gguf#sha256=${sha256(model)}`)).rejects.toMatchObject({
      code: "checksum_mismatch",
    });
    await expectNothingVisible();
    expect(await at.files("partial")).toEqual([]);
    server.files.set("/tiny.gguf", { bytes: model, etag: '"b"' });
    await at.store.pull(`${server.url}/tiny.gguf#sha256=${sha256(model)}`);
  });

  test("damage in a resumed download costs one more try, not the pull", async () => {
    const damaged = Buffer.from(model);
    damaged[PART - 100]! ^= 1;
    server.files.set("/tiny.gguf", { bytes: damaged });
    server.fault = (request, response) => {
      if (!request.headers.range?.startsWith(`bytes=${4 * PART}-`)) return false;
      response.writeHead(403).end();
      return true;
    };
    const reference = `${server.url}/tiny.gguf#sha256=${sha256(model)}`;
    await expect(at.store.pull(reference)).rejects.toThrow();
    server.fault = () => false;
    server.files.set("/tiny.gguf", { bytes: model });
    await expectFile((await at.store.pull(reference)).path, model);
  });

  test("a web page instead of a model is noticed at its first bytes", async () => {
    server.files.set("/tiny.gguf", { bytes: Buffer.from(`<!doctype html>${" ".repeat(50 * PART)}`), etag: '"a"' });
    await expect(at.store.pull(`${server.url}/tiny.gguf`)).rejects.toMatchObject({ code: "gguf_invalid" });
    expect(server.requests.length).toBeLessThan(10);
    await expectNothingVisible();
    expect(await at.files("partial")).toEqual([]);
  });

  test("a GGUF that ends too early never becomes visible", async () => {
    server.files.set("/tiny.gguf", { bytes: model.subarray(0, model.length - 5000), etag: '"a"' });
    await expect(at.store.pull(`${server.url}/tiny.gguf`)).rejects.toMatchObject({ code: "gguf_truncated" });
    await expectNothingVisible();
    expect(await at.files("partial")).toEqual([]);
  });

  test("a file larger than the disk is refused before it is fetched", async () => {
    await at.remove();
    at = await testStore({ freeBytes: async () => 100 * 1024 * 1024 });
    server.fault = (_request, response) => {
      response.writeHead(206, { "content-range": `bytes 0-${PART - 1}/${2 ** 40}`, "content-length": String(PART) });
      response.end(model.subarray(0, PART));
      return true;
    };
    await expect(at.store.pull(`${server.url}/tiny.gguf`)).rejects.toMatchObject({
      code: "disk_full",
      message: expect.stringMatching(/needs 1024\.06 GiB .* and has 0\.10 GiB .* free/),
    });
    expect(await at.files("partial")).toEqual([]);
  });
});

describe("at the same time", () => {
  test("two pulls of one file download it once", async () => {
    server.files.set("/tiny.gguf", { bytes: model, etag: '"a"' });
    const reference = `${server.url}/tiny.gguf#sha256=${sha256(model)}`;
    const [a, b] = await Promise.all([at.store.pull(reference), at.store.pull(reference, { name: "twin" })]);
    expect(a.digest).toBe(b.digest);
    expect(server.sentBytes).toBe(model.length);
  });
});
