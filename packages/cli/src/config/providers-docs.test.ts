import { readFileSync } from "node:fs";
import { VendorName } from "@arriero/spec";
import { expect, it } from "vitest";
import { combineConfig } from "./load-config.ts";
import { readYaml } from "./yaml-source.ts";

const docs = readFileSync(new URL("../../../../docs/providers.md", import.meta.url), "utf8");
const examples = [...docs.matchAll(/### (.+)\n[\s\S]*?```yaml\n([\s\S]*?)```/g)].map(([, title, text]) => [title, text] as const);

it.each(examples)("docs/providers.md: the example of %s is valid", (_, text) => {
  const loaded = combineConfig({ flags: {}, env: {}, file: readYaml(text ?? "", "example") });
  expect(loaded.ok ? [] : loaded.problems).toEqual([]);
});

it("docs/providers.md has a row for every vendor and no other", () => {
  const rows = [...docs.matchAll(/^\| `([a-z-]+)` \| /gm)].map((match) => match[1]);
  expect(rows).toEqual(VendorName.options);
});
