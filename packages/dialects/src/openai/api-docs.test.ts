import { readFileSync } from "node:fs";
import { ArrieroError } from "@arriero/spec";
import { expect, test } from "vitest";
import { parseMessage } from "../anthropic/parse.ts";
import { parseChat as parseOllamaChat } from "../ollama/chat/parse.ts";
import { parseRerank } from "../rerank/parse.ts";
import { CONTEXT } from "../testing/scripted-events.ts";
import { parseLaunch } from "../xinference/launch.ts";
import { parseChat } from "./chat/parse.ts";
import { parseCompletion } from "./completions/parse.ts";
import { parseEmbeddings } from "./embeddings/parse.ts";
import { formatError } from "./errors.ts";
import { parseResponse } from "./responses/parse.ts";

/** docs/api.md is true: what is read is described, and its examples are accepted. */

const DOCS = readFileSync(new URL("../../../../docs/api.md", import.meta.url), "utf8");
const PARSERS: Record<string, (body: unknown) => unknown> = {
  "/api/chat": (body) => parseOllamaChat(body, CONTEXT),
  "/v1/chat/completions": (body) => parseChat(body, CONTEXT),
  "/v1/completions": (body) => parseCompletion(body, CONTEXT),
  "/v1/embeddings": (body) => parseEmbeddings(body, CONTEXT),
  "/v1/responses": (body) => parseResponse(body, CONTEXT),
  "/v1/rerank": (body) => parseRerank(body, CONTEXT),
  "/v1/models": parseLaunch,
  "/v1/messages": (body) => parseMessage(body, { ...CONTEXT, requestId: "r1" }),
};

test.each([
  ["/v1/chat/completions", { model: "m", messages: [{ role: "user", content: "hi" }] }],
  ["/v1/completions", { model: "m", prompt: "hi" }],
  ["/v1/embeddings", { model: "m", input: "hi" }],
  ["/v1/responses", { model: "m", input: "hi" }],
  ["/v1/rerank", { model: "m", query: "hi", documents: ["a"] }],
  ["/v1/models", { model_name: "m" }],
])("every field that %s reads is described", (route, body) => {
  const read = new Set<string>();
  const watched = new Proxy<object>(body, {
    getOwnPropertyDescriptor(target, key) {
      read.add(String(key));
      return Reflect.getOwnPropertyDescriptor(target, key);
    },
  });
  PARSERS[route]?.(watched);
  expect(read.size).toBeGreaterThan(3);
  expect([...read].filter((field) => !DOCS.includes(`\`${field}\``) && !DOCS.includes(`\`${field}.`))).toEqual([]);
});

const EXAMPLES = [...DOCS.matchAll(/curl .*?127\.0\.0\.1:8080(\S+)[\s\S]*?-d '([^']+)'/g)].filter(([, route]) =>
  Object.hasOwn(PARSERS, route!),
);

test("there are examples", () => {
  expect(EXAMPLES.length).toBeGreaterThan(2);
});

test.each(EXAMPLES.map((match) => [match[1]!, match[2]!]))("the example for %s is accepted: %s", (route, body) => {
  PARSERS[route]?.(JSON.parse(body));
});

test("the error shown is the error sent", () => {
  const hot = { model: "m", messages: [{ role: "user", content: "hi" }], temperature: "hot" };
  const shown = JSON.parse(/\n## Errors\n[\s\S]*?```json\n([\s\S]*?)```/.exec(DOCS)?.[1] ?? "");
  expect(() => parseChat(hot, CONTEXT)).toThrow(ArrieroError);
  try {
    parseChat(hot, CONTEXT);
  } catch (thrown) {
    expect(formatError(thrown).body).toEqual(shown);
  }
});
