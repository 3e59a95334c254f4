import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { tinyModel } from "../gguf/testing/tiny-models.ts";
import { chooseFile, quantizationOfFile } from "./huggingface-hub.ts";
import { FileServer } from "./testing/file-server.ts";
import { type TestStore, testStore } from "./testing/temporary-home.ts";

const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const q4 = tinyModel({ weightBytes: 300_000 });
const q8 = tinyModel({ weightBytes: 300_000, fill: 8 });
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** A hub that lists one repository and redirects its files to a CDN on another origin. */
let hub: FileServer;
let cdn: FileServer;
let at: TestStore;

function publish(files: Record<string, Buffer>, options: { listed?: boolean } = {}): void {
  const siblings = Object.entries(files).map(([rfilename, bytes]) => ({
    rfilename,
    size: bytes.length,
    ...(options.listed === false ? {} : { lfs: { sha256: sha256(bytes), size: bytes.length, pointerSize: 135 } }),
  }));
  hub.files.set("/api/models/Org/Tiny-GGUF", { bytes: Buffer.from(JSON.stringify({ sha: COMMIT, siblings })) });
  for (const [name, bytes] of Object.entries(files))
    cdn.files.set(`/cdn/${name}`, { bytes, etag: `"${sha256(bytes).slice(0, 8)}"` });
  hub.fault = (request, response) => {
    const name = /^\/Org\/Tiny-GGUF\/resolve\/[^/]+\/([^?]+)/.exec(request.url ?? "")?.[1];
    const bytes = name === undefined ? undefined : files[name];
    if (name === undefined || bytes === undefined) return false;
    response.writeHead(302, { location: `${cdn.url}/cdn/${name}?signature=abc`, "x-linked-etag": `"${sha256(bytes)}"` }).end();
    return true;
  };
}

beforeEach(async () => {
  hub = await FileServer.start();
  cdn = await FileServer.start();
  at = await testStore({ hubs: { huggingface: hub.url }, env: { HF_TOKEN: "secret" } });
});
afterEach(async () => {
  await at.remove();
  await hub.close();
  await cdn.close();
});

describe("a pull", () => {
  test("takes the quantization asked for, at the commit listed", async () => {
    publish({ "README.md": Buffer.from("# Tiny"), "tiny-Q4_K_M.gguf": q4, "tiny-Q8_0.gguf": q8 });
    const stored = await at.store.pull("hf:Org/Tiny-GGUF:q8_0");
    expect(stored).toMatchObject({ name: "tiny:q8_0", source: "hf:Org/Tiny-GGUF:q8_0", digest: `sha256:${sha256(q8)}` });
    expect((await readFile(stored.path)).equals(q8)).toBe(true);
    expect(hub.requests.filter(({ path }) => path.includes("/resolve/")).every(({ path }) => path.includes(COMMIT))).toBe(true);
  });

  test("sends the token to the hub alone", async () => {
    publish({ "tiny-Q4_K_M.gguf": q4 });
    await at.store.pull("hf:Org/Tiny-GGUF");
    expect(hub.requests.every(({ headers }) => headers.authorization === "Bearer secret")).toBe(true);
    expect(cdn.requests.length).toBeGreaterThan(1);
    expect(cdn.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
  });

  test("asks the hub again when a signed address has expired", async () => {
    publish({ "tiny-Q4_K_M.gguf": q4 });
    let expired = 0;
    cdn.fault = (_request, response) => {
      if (cdn.requests.length !== 3) return false;
      expired++;
      response.writeHead(403).end("expired");
      return true;
    };
    await at.store.pull("hf:Org/Tiny-GGUF");
    expect(expired).toBe(1);
    expect(at.slept).toEqual([]);
  });

  test("verifies against the hub's checksum, listed or told with the redirect", async () => {
    for (const listed of [true, false]) {
      publish({ "tiny-Q4_K_M.gguf": q4 }, { listed });
      const damaged = Buffer.from(q4);
      damaged[damaged.length - 9]! ^= 4;
      cdn.files.set("/cdn/tiny-Q4_K_M.gguf", { bytes: damaged, etag: '"d"' });
      await expect(at.store.pull("hf:Org/Tiny-GGUF")).rejects.toMatchObject({ code: "checksum_mismatch" });
    }
    expect(await at.files("blobs")).toEqual([]);
  });

  test("of what is here already fetches no byte", async () => {
    publish({ "tiny-Q4_K_M.gguf": q4 });
    await at.store.pull("hf:Org/Tiny-GGUF");
    const before = cdn.requests.length;
    await at.store.pull("hf:Org/Tiny-GGUF", { name: "again" });
    expect(cdn.requests.length).toBe(before);
    expect(await at.files("blobs")).toHaveLength(1);
  });

  test("names the quantizations there are when the one asked for is missing", async () => {
    publish({ "tiny-Q4_K_M.gguf": q4, "tiny-Q8_0.gguf": q8 });
    await expect(at.store.pull("hf:Org/Tiny-GGUF:Q2_K")).rejects.toMatchObject({
      code: "model_not_found",
      message: expect.stringContaining("Q4_K_M, Q8_0"),
    });
  });

  test("of a gated repository says what to do", async () => {
    hub.fault = (_request, response) => {
      response.writeHead(401).end();
      return true;
    };
    await expect(at.store.pull("hf:Org/Secret")).rejects.toMatchObject({
      code: "pull_failed",
      body: { hint: expect.stringContaining("HF_TOKEN") },
    });
  });

  test("of a listing that is none says so", async () => {
    hub.files.set("/api/models/Org/Tiny-GGUF", { bytes: Buffer.from("<html>") });
    await expect(at.store.pull("hf:Org/Tiny-GGUF")).rejects.toMatchObject({
      code: "pull_failed",
      message: expect.stringContaining("no listing"),
    });
  });
});

describe("the choice", () => {
  const files = (...paths: string[]) => paths.map((path) => ({ path, sizeBytes: 1, sha256: null }));

  test.each([
    [["m-Q8_0.gguf", "m-Q4_0.gguf", "m-Q4_K_M.gguf"], null, "m-Q4_K_M.gguf"],
    [["m-Q8_0.gguf", "m-F16.gguf"], null, "m-Q8_0.gguf"],
    [["odd.gguf"], null, "odd.gguf"],
    [["m-IQ2_XXS.gguf"], null, "m-IQ2_XXS.gguf"],
    [["m.q4_0.gguf", "m.q5_0.gguf"], "Q5_0", "m.q5_0.gguf"],
    [["sub/m-Q4_0.gguf", "m-Q5_0.gguf"], "m-q4_0.gguf", "sub/m-Q4_0.gguf"],
    [["mmproj-F16.gguf", "m-Q4_0.gguf"], "q4_0", "m-Q4_0.gguf"],
    [["m-Q4_K_M-00001-of-00002.gguf", "m-Q4_K_M-00002-of-00002.gguf", "m-Q4_0.gguf"], null, "m-Q4_0.gguf"],
  ])("of %j with %s is %s", (paths, selector, expected) => {
    expect(chooseFile(files(...paths), "o/r", selector).file.path).toBe(expected);
  });

  test("a split model, an unclear name and an empty repository are refused by name", () => {
    const split = files("m-Q4_0-00001-of-00003.gguf", "m-Q4_0-00002-of-00003.gguf", "m-Q4_0-00003-of-00003.gguf");
    expect(() => chooseFile(split, "o/r", "Q4_0")).toThrow(/one of 3 parts/);
    expect(() => chooseFile(files("a-Q4_0.gguf", "b-Q4_0.gguf"), "o/r", "q4_0")).toThrow(
      /several files: a-Q4_0.gguf, b-Q4_0.gguf/,
    );
    expect(() => chooseFile(files("model.safetensors"), "o/r", null)).toThrow(/holds no GGUF/);
  });

  test.each([
    ["Qwen3-0.6B-Q8_0.gguf", "Q8_0"],
    ["llama-3.2-1b-instruct-q4_k_m.gguf", "Q4_K_M"],
    ["gpt-oss-20b-mxfp4.gguf", "MXFP4"],
    ["x-UD-Q4_K_XL.gguf", "UD-Q4_K_XL"],
    ["x-IQ3_XXS-00001-of-00002.gguf", "IQ3_XXS"],
    ["model.gguf", null],
  ])("%s has quantization %s", (path, expected) => {
    expect(quantizationOfFile(path)).toBe(expected);
  });
});
