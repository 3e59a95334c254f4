import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { googleVertex } from "./recipes/google-vertex.ts";

const source = fileURLToPath(new URL("../..", import.meta.url));

it("loads no vendor's package before it is asked for", () => {
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => /(?<!\.test)\.ts$/.test(file));
  const eager = files.filter((file) => {
    if (/upstream\/vendor\/recipes\/[\w-]+\.ts$/.test(file)) return false;
    return /^import (?!type )[^;]*from "@(?:ai-sdk|aws-sdk)\//m.test(readFileSync(join(source, file), "utf8"));
  });
  expect(eager).toEqual([]);
});

it.each([
  [
    "gemini-2.5-flash",
    "europe-west4",
    "https://europe-west4-aiplatform.googleapis.com/v1beta1/projects/p/locations/europe-west4/publishers/google",
  ],
  ["endpoints/123", "europe-west4", "https://europe-west4-aiplatform.googleapis.com/v1beta1/projects/p/locations/europe-west4"],
  [
    "claude-sonnet-4-5@20250929",
    "eu",
    "https://aiplatform.eu.rep.googleapis.com/v1/projects/p/locations/eu/publishers/anthropic/models",
  ],
  ["gemini-2.5-flash", "global", "https://aiplatform.googleapis.com/v1beta1/projects/p/locations/global/publishers/google"],
])("Vertex's %s in %s is at %s", (model, location, base) => {
  expect(googleVertex.base({ model, location, project: "p" })).toBe(base);
});
