import fc from "fast-check";
import { expect, test } from "vitest";
import { isModelName, manifestFile, modelName, nameOfManifestFile, nameSegment } from "./model-name.ts";

test.each([
  ["Qwen3:0.6B", "qwen3:0.6b"],
  [" llama3.2:latest ", "llama3.2"],
  ["org/name:tag", "org/name:tag"],
  ["hf.co/org/name", "hf.co/org/name"],
])("%s is %s", (given, expected) => {
  expect(modelName(given)).toBe(expected);
});

test.each([
  "",
  "..",
  "../etc/passwd",
  "a/../b",
  "/a",
  "a/",
  "a//b",
  "a:b:c",
  "a b",
  "a+b",
  "a\\b",
  ".a",
  "a.",
  "a%2fb",
  "a\0",
  "ñ",
  "x".repeat(300),
])("%j is refused", (name) => {
  expect(() => modelName(name)).toThrow(expect.objectContaining({ code: "invalid_request" }));
});

test("every name maps to a file of its own, and back", () => {
  const segment = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,20}$/);
  const names = fc
    .tuple(segment, fc.option(segment), fc.option(segment))
    .map(([a, b, tag]) => `${a}${b === null ? "" : `/${b}`}${tag === null ? "" : `:${tag}`}`);
  fc.assert(
    fc.property(names.filter(isModelName), (name) => {
      expect(manifestFile(name)).toMatch(/^[a-z0-9][a-zA-Z0-9._%-]*\.json$/);
      expect(nameOfManifestFile(manifestFile(name))).toBe(name);
    }),
  );
});

test("any text makes a name", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      expect(isModelName(nameSegment(text))).toBe(true);
    }),
  );
});
