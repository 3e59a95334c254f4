import { describe, expect, it } from "vitest";
import { BackendEntry } from "./backend.ts";

const faults = (value: object) => {
  const parsed = BackendEntry.safeParse({ id: "b", kind: "vendor", ...value });
  return parsed.error?.issues.map(({ message, path }) => `${path.join(".")}: ${message}`) ?? [];
};
const key = "env:KEY";

describe("a vendor's entry", () => {
  it.each([
    { provider: "openai", credential: key },
    { provider: "anthropic", credential: "file:/run/secrets/key" },
    { provider: "amazon-bedrock", credential: "aws", location: "eu-central-1" },
    { provider: "amazon-bedrock", credential: key, location: "eu-central-1", regions: ["eu-central-1", "eu-west-1"] },
    { provider: "azure", credential: key, url: "https://r.openai.azure.com/openai" },
    { provider: "google-vertex", project: "p-1", location: "europe-west4" },
    { provider: "sagemaker", credential: "aws", location: "us-east-1" },
  ])("is whole: %j", (entry) => expect(faults(entry)).toEqual([]));

  it.each([
    [{ provider: "anthropic" }, "credential: anthropic needs a credential: `env:NAME` or `file:PATH` of its API key"],
    [
      { provider: "mistral", credential: "aws" },
      "credential: mistral needs a credential: `env:NAME` or `file:PATH` of its API key",
    ],
    [
      { provider: "amazon-bedrock", credential: "aws" },
      "location: amazon-bedrock needs a location: the region that is asked, as it calls it",
    ],
    [{ provider: "sagemaker", credential: key, location: "us-east-1" }, "credential: sagemaker needs the credential `aws`"],
    [{ provider: "azure", credential: key }, "url: azure needs a url: https://RESOURCE.openai.azure.com/openai"],
    [{ provider: "google-vertex", location: "global" }, "project: google-vertex needs a project"],
    [{ provider: "groq", credential: key, location: "eu-west-1" }, "location: groq has no location"],
    [
      { provider: "amazon-bedrock", credential: "aws", location: "us-east-1", regions: ["eu-west-1"] },
      "regions: the location us-east-1 is not among the regions",
    ],
  ])("%j lacks what its vendor needs", (entry, message) => expect(faults(entry)).toEqual([message]));

  it("names a vendor that there is", () => expect(faults({ provider: "acme" })[0]).toMatch(/^provider: /));
});
