import { expect, it } from "vitest";
import { safeAddress } from "./safe-link.tsx";

it.each(["https://example.org/a?b=c", "http://example.org/", "mailto:somebody@example.org"])("lets %s be a link", (href) => {
  expect(safeAddress(href)).toBe(href);
});

it.each([
  "javascript:alert(1)",
  "JaVaScRiPt:alert(1)",
  " javascript:alert(1)",
  "data:text/html,x",
  "vbscript:x",
  "/api/export",
  "//",
  "#x",
  "",
  undefined,
])("lets %s be text alone", (href) => {
  expect(safeAddress(href)).toBeUndefined();
});
