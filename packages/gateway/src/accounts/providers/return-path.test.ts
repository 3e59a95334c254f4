import fc from "fast-check";
import { expect, it } from "vitest";
import { refusedPath, returnPath } from "./return-path.ts";

it("keeps a path of the page, with what is asked there", () => {
  expect(returnPath("/c/cnv_1?at=2")).toBe("/c/cnv_1?at=2");
  expect(returnPath("/device/ABCD-EFGH")).toBe("/device/ABCD-EFGH");
  expect(returnPath("/search?q=a%20b&refused=taken")).toBe("/search?q=a+b");
  expect(refusedPath("/c/cnv_1?refused=denied", "taken")).toBe("/c/cnv_1?refused=taken");
});

it.each([
  "",
  "c/cnv_1",
  "https://evil.example/",
  "//evil.example/",
  "/\\evil.example/",
  "/\t/evil.example/",
  "/.//evil.example/",
  "/c/..//evil.example",
  "/a\\..\\..//evil.example",
  "javascript:alert(1)",
  "/api/auth/callback/company",
  "/c/../api/export",
])("sends %j to the start", (wanted) => {
  expect(returnPath(wanted)).toBe("/");
  expect(refusedPath(wanted, "failed")).toBe("/?refused=failed");
});

it("law: whatever is wanted, a browser stays at this server, and the header is one line of ASCII", () => {
  const piece = fc.constantFrom(
    "/",
    "\\",
    ".",
    "..",
    "//",
    "\t",
    "\n",
    "@",
    ":",
    "evil.example",
    "http:",
    "%2f",
    "?",
    "#",
    "ñ",
    "c",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      for (const wanted of [`/${pieces.join("")}`, pieces.join("")]) {
        const path = returnPath(wanted);
        expect(path).toMatch(/^\/[\x21-\x7e]*$/);
        expect(new URL(path, "https://chat.example.org").origin).toBe("https://chat.example.org");
      }
    }),
  );
});
