import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CONTEXT } from "../testing/scripted-events.ts";
import { parseGenerate } from "./parse.ts";
import { parseTokenize } from "./tokenize.ts";

/** The section of docs/api.md is true: what is read is described, and its examples are accepted. */

const DOCS = readFileSync(new URL("../../../../docs/api.md", import.meta.url), "utf8");
const SECTION = /## LoRAX and text-generation-inference\n([\s\S]*?)\n## /.exec(DOCS)?.[1] ?? "";
const PARSERS: Record<string, (body: unknown) => unknown> = {
  "/generate": (body) => parseGenerate(body, CONTEXT, "whole"),
  "/generate_stream": (body) => parseGenerate(body, CONTEXT, "stream"),
  "/tokenize": parseTokenize,
};

function watched(target: object, read: Set<string>): object {
  return new Proxy(target, {
    getOwnPropertyDescriptor(of, key) {
      read.add(String(key));
      return Reflect.getOwnPropertyDescriptor(of, key);
    },
  });
}

test("every field that is read is described", () => {
  const read = new Set<string>();
  parseGenerate(watched({ inputs: "hi", parameters: watched({}, read) }, read), CONTEXT, "as-asked");
  parseTokenize(watched({ inputs: "hi" }, read));
  expect(read.size).toBeGreaterThan(20);
  expect([...read].filter((field) => field !== "parameters" && !SECTION.includes(`\`${field}\``))).toEqual([]);
});

const EXAMPLES = [...SECTION.matchAll(/curl .*?127\.0\.0\.1:8080(\S+)[\s\S]*?-d '([^']+)'/g)];

test("there is an example for each route", () => {
  expect(EXAMPLES.map(([, route]) => route).sort()).toEqual(Object.keys(PARSERS).sort());
});

test.each(EXAMPLES.map((match) => [match[1]!, match[2]!]))("the example for %s is accepted: %s", (route, body) => {
  expect(() => PARSERS[route]!(JSON.parse(body))).not.toThrow();
});
