import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readCredential, resolveCredential } from "./credential.ts";

it("reads a variable or a file when it is asked, not before", async () => {
  const folder = mkdtempSync(join(tmpdir(), "arriero-credential-"));
  const path = join(folder, "key");
  try {
    writeFileSync(path, "one\n");
    expect(await resolveCredential(`file:${path}`)).toBe("one");
    writeFileSync(path, "two\n");
    expect(await resolveCredential(`file:${path}`)).toBe("two");
    expect(await resolveCredential("env:KEY", { KEY: "three" })).toBe("three");
    expect(await readCredential("env:KEY", { KEY: '{ "a": 1 }\n' })).toBe('{ "a": 1 }');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it.each([
  ["env:NOT_SET", {}],
  ["env:EMPTY", { EMPTY: " " }],
  ["env:LINES", { LINES: "a\r\nX-Admin: 1" }],
  ["file:/nowhere/at/all", {}],
] as const)("calls %s our configuration's fault, and does not say what it holds", async (ref, environment) => {
  const thrown = await resolveCredential(ref, environment).catch((error: unknown) => error);
  expect(thrown).toMatchObject({ error: { code: "backend_misconfigured" } });
  expect(String(thrown)).not.toContain("X-Admin");
});

it("says what to set", async () => {
  await expect(resolveCredential("env:NOT_SET", {})).rejects.toMatchObject({
    error: { body: { hint: expect.stringContaining("Set the variable NOT_SET") } },
  });
});
