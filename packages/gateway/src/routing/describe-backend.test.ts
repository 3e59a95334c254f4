import { ModelEntry } from "@arriero/spec";
import { expect, it } from "vitest";
import { describeModel } from "./describe-backend.ts";

const describeOne = (entry: object) =>
  describeModel("m", ModelEntry.parse({ backends: [{ id: "b", ...entry }] }), ["here"]).backends[0]!;

it("takes our own replicas to stand here, documented and for free, able to do all", () => {
  expect(describeOne({ kind: "engine" })).toMatchObject({
    model: "m",
    regions: ["here"],
    boundary: "documented",
    pricePerMillion: { input: 0, output: 0 },
    capabilities: expect.arrayContaining(["exactResume", "rerank"]),
  });
});

it("knows of no region and no boundary of others", () => {
  expect(describeOne({ kind: "engine", url: "http://far:1" }).regions).toEqual([]);
  const other = describeOne({ kind: "openai", url: "http://far:1/v1" });
  expect(other).toMatchObject({ regions: [], boundary: "undefined", pricePerMillion: null });
  expect(other.capabilities).not.toContain("exactResume");
});

it("keeps what the entry says", () => {
  const said = { model: "llama", regions: ["eu"], boundary: "contractual", capabilities: ["embeddings"] };
  expect(describeOne({ kind: "vendor", provider: "mistral", credential: "env:MISTRAL_API_KEY", ...said })).toMatchObject(said);
});
