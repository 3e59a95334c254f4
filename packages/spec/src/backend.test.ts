import { describe, expect, it } from "vitest";
import { BackendEntry, CredentialReference } from "./backend.ts";
import { ResidencyPolicy } from "./residency.ts";
import { ModelEntry } from "./routed-model.ts";

const faults = (value: object) => BackendEntry.safeParse(value).error?.issues.map(({ path }) => path.join(".")) ?? [];

describe("a backend entry", () => {
  it("needs an id and a kind, and leaves the rest to its defaults", () => {
    expect(BackendEntry.parse({ id: "own", kind: "engine" })).toMatchObject({
      weight: 1,
      regions: null,
      limits: { maxConcurrent: null },
    });
    expect(faults({})).toEqual(["id", "kind"]);
  });
  it.each([
    [{ kind: "openai" }, "url"],
    [{ kind: "ollama" }, "url"],
    [{ kind: "openai", url: "ftp://a" }, "url"],
    [{ kind: "openai", url: "https://user:pass@a/v1" }, "url"],
    [{ kind: "vendor" }, "provider"],
    [{ kind: "engine", provider: "anthropic" }, "provider"],
    [{ kind: "vendor", provider: "anthropic", credential: "env:KEY", capabilities: ["exactResume"] }, "capabilities"],
    [{ kind: "openai", url: "http://a", credential: "aws" }, "credential"],
    [{ kind: "engine", location: "eu-west-1" }, "location"],
    [{ kind: "engine", regions: ["EU"] }, "regions.0"],
    [{ kind: "engine", weight: 0 }, "weight"],
    [{ kind: "engine", limits: { maxConcurrent: 0 } }, "limits.maxConcurrent"],
  ])("%j is at fault in %s", (entry, path) => expect(faults({ id: "b", ...entry })).toEqual([path]));
  it("takes credentials by reference alone", () => {
    for (const good of ["env:GROQ_KEY", "file:/run/secrets/key", "aws"])
      expect(CredentialReference.safeParse(good).success).toBe(true);
    for (const bad of ["sk-abc", "env:", "env:A B", "file:", "aws:x", ""])
      expect(CredentialReference.safeParse(bad).success).toBe(false);
  });
});

describe("a model entry", () => {
  it("refuses two backends of one id, and none at all", () => {
    const own = { id: "own", kind: "engine" };
    const issues = ModelEntry.safeParse({ backends: [own, own] }).error?.issues.map(({ path }) => path.join("."));
    expect(issues).toEqual(["backends.1.id"]);
    expect(ModelEntry.safeParse({ backends: [] }).success).toBe(false);
  });
});

describe("a residency policy", () => {
  it.each(["eu-central-1", "eu-*", "*"])("allows %s", (pattern) =>
    expect(ResidencyPolicy.safeParse({ allowedRegions: [pattern] }).success).toBe(true),
  );
  it.each(["EU", "*-1", "", "eu-**", "-eu"])("refuses %j", (pattern) =>
    expect(ResidencyPolicy.safeParse({ allowedRegions: [pattern] }).success).toBe(false),
  );
});
