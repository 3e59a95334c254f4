import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { formatError } from "./errors.ts";
import { parseMessage } from "./parse.ts";
import { CONTEXT } from "./testing/fixture.ts";

/** docs/api.md is true: what is read is described, and the error shown is the one sent. */

const DOCS = readFileSync(new URL("../../../../docs/api.md", import.meta.url), "utf8");
const SECTION = /\n## Anthropic messages\n[\s\S]*?(?=\n## )/.exec(DOCS)?.[0] ?? "";

test("every field that is read is described", () => {
  const read = new Set<string>();
  const body = { model: "m", max_tokens: 1, messages: [{ role: "user", content: "hi" }] };
  const watched = new Proxy<object>(body, {
    getOwnPropertyDescriptor(target, key) {
      read.add(String(key));
      return Reflect.getOwnPropertyDescriptor(target, key);
    },
  });
  parseMessage(watched, CONTEXT);
  expect(read.size).toBeGreaterThan(10);
  expect([...read].filter((field) => !SECTION.includes(`\`${field}\``) && !SECTION.includes(`\`${field}.`))).toEqual([]);
});

test("the error shown is the error sent", () => {
  const shown = JSON.parse(/```json\n([\s\S]*?)```/.exec(SECTION)?.[1] ?? "");
  const sent = () => parseMessage({ model: "m", messages: [{ role: "user", content: "hi" }] }, CONTEXT);
  expect(sent).toThrow();
  try {
    sent();
  } catch (thrown) {
    expect(formatError(thrown, shown.request_id).body).toEqual(shown);
  }
});
