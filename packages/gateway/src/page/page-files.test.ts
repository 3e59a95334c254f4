import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { PageFiles } from "./page-files.ts";

const HTML = "<!doctype html><title>Arriero</title>";
const SCRIPT = `export const text = "${"llama ".repeat(400)}";`;
let folder: string;
let files: PageFiles;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "arriero-page-"));
  mkdirSync(join(folder, "assets"));
  writeFileSync(join(folder, "index.html"), HTML);
  writeFileSync(join(folder, "assets", "main-1a2b.js"), SCRIPT);
  mkdirSync(join(folder, "diagram"));
  writeFileSync(join(folder, "diagram", "frame.html"), HTML);
  files = new PageFiles(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const browser = { accept: "text/html,application/xhtml+xml,*/*;q=0.8", encodings: "gzip, deflate, br" };

it.each(["/", "/c/chat_1", "/settings", "/shared/shr_1"])("shows the page at %s to browsers alone", (path) => {
  expect(files.find(path, browser)?.bytes.toString()).toBe(HTML);
  for (const accept of [undefined, "*/*", "application/json"]) expect(files.find(path, { accept })).toBeNull();
});

it.each(["/api/nothing", "/v1/nothing", "/arriero/v1/nothing", "/assets/gone.js", "/robots.txt", "/../package.json"])(
  "shows no page at %s",
  (path) => expect(files.find(path, browser)).toBeNull(),
);

it("sends scripts compressed, for good, and nothing else for good", () => {
  const script = files.find("/assets/main-1a2b.js", browser)!;
  expect(brotliDecompressSync(script.bytes).toString()).toBe(SCRIPT);
  expect(script.headers).toMatchObject({ "content-encoding": "br", "cache-control": expect.stringContaining("immutable") });
  const plain = files.find("/assets/main-1a2b.js", { encodings: "br;q=0, gzip;q=0" })!;
  expect(plain.bytes.toString()).toBe(SCRIPT);
  expect(plain.headers.etag).not.toBe(script.headers.etag);
  expect(files.find("/", browser)!.headers).toMatchObject({ "cache-control": "no-cache" });
});

it("lets no inline script or style run", () => {
  const policy = files.find("/", browser)!.headers["content-security-policy"]!;
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'/);
});

it("draws diagrams in an origin of their own, from where nothing can be fetched", () => {
  const policy = files.find("/diagram/frame.html", browser)!.headers["content-security-policy"]!.split("; ");
  expect(policy).toEqual(expect.arrayContaining(["default-src 'none'", "script-src 'self'", "sandbox allow-scripts"]));
  expect(policy.join()).not.toMatch(/connect-src|img-src|allow-same-origin|unsafe-eval|script-src[^,]*unsafe/);
  expect(files.find("/", browser)!.headers["content-security-policy"]).not.toMatch(/unsafe-inline/);
});

it("has nothing where nothing was built", () => {
  const none = new PageFiles(join(folder, "not-there"));
  expect(none.isEmpty).toBe(true);
  expect(none.find("/", browser)).toBeNull();
});
