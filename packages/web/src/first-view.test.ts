import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";

/** Compressed JavaScript that the first view may take, in bytes. */
const MOST = 250_000;

const dist = fileURLToPath(new URL("../dist/", import.meta.url));

interface Chunk {
  file: string;
  imports?: string[];
  isEntry?: boolean;
}

it("needs less than 250 kB of compressed JavaScript for the first view", () => {
  const manifest = JSON.parse(readFileSync(`${dist}.vite/manifest.json`, "utf8")) as Record<string, Chunk>;
  const first = new Set<string>();
  const take = (name: string) => {
    if (first.has(name)) return;
    first.add(name);
    for (const next of manifest[name]?.imports ?? []) take(next);
  };
  for (const [name, chunk] of Object.entries(manifest)) if (chunk.isEntry) take(name);
  expect(first.size).toBeGreaterThan(0);
  const bytes = [...first].reduce((sum, name) => sum + gzipSync(readFileSync(dist + manifest[name]!.file)).length, 0);
  expect(bytes).toBeLessThan(MOST);
});

it("has nothing inline that the content policy would refuse", () => {
  const html = readFileSync(`${dist}index.html`, "utf8");
  expect(html).not.toMatch(/<script(?![^>]*\ssrc=)/);
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
});
