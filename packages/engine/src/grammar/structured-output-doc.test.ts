import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { TOOL_FORMATS } from "../chat/tools/tool-formats.ts";
import { REFUSED_KEYWORDS, SUPPORTED_KEYWORDS } from "./schema-keywords.ts";
import { SUPPORTED_FORMATS } from "./string-format.ts";

const page = readFileSync(new URL("../../../../docs/structured-output.md", import.meta.url), "utf8");
const coded = (text: string): ReadonlySet<string> => new Set([...text.matchAll(/`([^`\s]+)`/g)].map(([, word]) => word!));

it("documents every keyword where it belongs", () => {
  const [supported, refused] = /## JSON Schema([\s\S]*?)Titles([\s\S]*?)```/
    .exec(page)!
    .slice(1)
    .map((part) => coded(part));
  for (const keyword of SUPPORTED_KEYWORDS) expect([keyword, supported!.has(keyword)]).toEqual([keyword, true]);
  for (const format of SUPPORTED_FORMATS) expect([format, supported!.has(format)]).toEqual([format, true]);
  expect([...refused!].filter((word) => word !== "invalid_schema").sort()).toEqual([...REFUSED_KEYWORDS].sort());
});

it("documents every tool format and no other", () => {
  const table = /\| format \| families[\s\S]*?\n\n/.exec(page)![0];
  const names = [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name);
  expect(names.sort()).toEqual(TOOL_FORMATS.map(({ name }) => name).sort());
});
