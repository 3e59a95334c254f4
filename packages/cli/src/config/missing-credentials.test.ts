import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { ConfigSchema } from "./config-schema.ts";
import { missingCredentials } from "./missing-credentials.ts";

const here = fileURLToPath(import.meta.url);
const notes = (credentials: readonly string[], env: Record<string, string> = {}) => {
  const backends = credentials.map((credential, i) => ({
    id: `b${i}`,
    kind: "vendor",
    provider: "amazon-bedrock",
    location: "eu-central-1",
    credential,
  }));
  return missingCredentials(ConfigSchema.parse({ models: { m: { backends } } }).models, env);
};

it("names the variables and files that are not there, by the backend that needs them", () => {
  const found = notes(["env:GROQ_KEY", "file:/nowhere/at/all", "env:EMPTY"], { EMPTY: " " });
  expect(found.map(({ where }) => where)).toEqual([0, 1, 2].map((i) => `models.m.backends[${i}].credential`));
  expect(found.map(({ message }) => message).join()).toMatch(
    /GROQ_KEY is not set.*\/nowhere\/at\/all cannot be read.*EMPTY is not set/,
  );
});

it("says nothing of those that are, and never what they hold", () => {
  expect(notes(["env:GROQ_KEY", `file:${here}`, "aws"], { GROQ_KEY: "sk-12345" })).toEqual([]);
});
