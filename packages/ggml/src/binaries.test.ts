import { expect, test } from "vitest";
import { findBinaries } from "./binaries.ts";
import { loadLibraries } from "./libraries.ts";
import { WANTED_LLAMA_VERSION, WANTED_PACKAGE_VERSION } from "./version.ts";

test("every supported platform has a package, GPU variants before the plain one", () => {
  for (const [platform, arch] of [
    ["linux", "x64"],
    ["linux", "arm64"],
    ["darwin", "arm64"],
    ["darwin", "x64"],
    ["win32", "x64"],
  ] as const) {
    const candidates = findBinaries(platform, arch);
    expect(candidates.length).toBeGreaterThan(0);
    expect(["cpu", "metal"]).toContain(candidates.at(-1)?.variant);
  }
  expect(findBinaries("plan9", "x64")).toEqual([]);
});

test("what is absent says how to get it, and at most one is used", () => {
  const candidates = findBinaries("linux", "x64");
  for (const candidate of candidates) {
    if (candidate.found === null) expect(candidate.verdict).toMatch(/^not installed/);
  }
  expect(candidates.filter((candidate) => candidate.verdict === "used").length).toBeLessThanOrEqual(1);
  const cuda = candidates.find((candidate) => candidate.variant === "cuda");
  if (cuda?.found === null) expect(cuda.verdict).toContain(`@node-llama-cpp/linux-x64-cuda@${WANTED_PACKAGE_VERSION}`);
});

test("the libraries loaded here are of the wanted version, and loading twice is loading once", () => {
  const first = loadLibraries();
  expect(first.llamaVersion).toBe(WANTED_LLAMA_VERSION);
  expect(loadLibraries()).toBe(first);
});
