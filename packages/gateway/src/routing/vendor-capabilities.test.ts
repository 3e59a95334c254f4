import { expect, it } from "vitest";
import { vendorCapabilities } from "./vendor-capabilities.ts";

it.each([
  ["anthropic", "claude-3-5-haiku-20241022", true],
  ["anthropic", "claude-sonnet-4-20250514", true],
  ["anthropic", "claude-opus-4-1-20250805", true],
  ["anthropic", "claude-haiku-4-5", true],
  ["google-vertex", "claude-sonnet-4-5@20250929", true],
  ["amazon-bedrock", "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", true],
  ["anthropic", "claude-opus-4-6", false],
  ["anthropic", "claude-opus-5-5", false],
  ["amazon-bedrock", "arn:aws:bedrock:eu-central-1:1:provisioned-model/abc", false],
  ["amazon-bedrock", "eu.amazon.nova-pro-v1:0", false],
  ["mistral", "ft:ministral-3b-latest:abc", true],
  ["openai", "gpt-4o", false],
] as const)("%s %s goes on behind a prefilled answer: %s", (vendor, model, prefills) => {
  expect(vendorCapabilities(vendor, model).includes("assistantPrefill")).toBe(prefills);
});

it("takes a model for what its name says: embeddings, and no seed for Claude wherever it is served", () => {
  expect(vendorCapabilities("openai", "text-embedding-3-small")).toEqual(["embeddings"]);
  expect(vendorCapabilities("amazon-bedrock", "amazon.titan-embed-text-v2:0")).toEqual(["embeddings"]);
  expect(vendorCapabilities("google-vertex", "gemini-2.5-flash")).toContain("seed");
  expect(vendorCapabilities("google-vertex", "claude-haiku-4-5")).not.toContain("seed");
});
