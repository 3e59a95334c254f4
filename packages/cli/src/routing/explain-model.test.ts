import { describe, expect, it } from "vitest";
import { type Config, ConfigSchema } from "../config/config-schema.ts";
import { type ExplainedQuestion, explainModel } from "./explain-model.ts";

const config = (residency: object = {}): Config =>
  ConfigSchema.parse({
    residency: { ownRegions: ["eu-1"], ...residency },
    models: {
      m: {
        aliases: ["other"],
        backends: [
          { id: "own", kind: "engine" },
          { id: "cloud", kind: "openai", url: "https://a.example/v1", regions: ["us-1"] },
        ],
      },
    },
  });
const why = (changes: Partial<ExplainedQuestion>, residency: object = {}) => {
  const question = {
    model: "m",
    class: "interactive",
    organization: null,
    regions: null,
    dataClass: null,
    needs: [],
    ...changes,
  } as const;
  return explainModel(question, config(residency)).backends.map(({ id, refusals }) => [
    id,
    ...refusals.map(({ message }) => message),
  ]);
};
const undefinedBoundary = "boundary is undefined; the policy does not allow undefined ones";

describe("explainModel", () => {
  it("applies the installation's policy", () => {
    expect(why({})).toEqual([["own"], ["cloud", undefinedBoundary]]);
    expect(why({}, { allowUndefinedBoundary: true })).toEqual([["own"], ["cloud"]]);
    expect(why({}, { dataClass: "confidential", allowedRegions: ["eu-*"] })[0]).toHaveLength(2);
  });
  it("narrows it by what the request says", () => {
    expect(why({ regions: ["us-*"] }, { allowUndefinedBoundary: true })).toEqual([
      ["own", "region eu-1 is not allowed; allowed: us-*"],
      ["cloud"],
    ]);
    expect(why({ regions: ["*"] }, { allowedRegions: [] })[0]).toEqual(["own", "region eu-1 is not allowed; allowed: none"]);
    expect(why({ needs: ["exactResume"] })[1]).toEqual(["cloud", "it has no exactResume", undefinedBoundary]);
  });
  it("narrows it by what the organisation says, and lets one allow undefined boundaries", () => {
    const organizations = { acme: { allowedRegions: ["us-*"], allowUndefinedBoundary: true } };
    expect(why({ organization: "acme" }, { organizations })).toEqual([
      ["own", "region eu-1 is not allowed; allowed: us-*"],
      ["cloud"],
    ]);
    expect(why({ organization: "other" }, { organizations })).toEqual(why({}));
  });
  it("knows aliases, and names the models there are", () => {
    expect(why({ model: "other" })).toHaveLength(2);
    expect(() => why({ model: "nothing" })).toThrow("nothing is no model of the configuration; there are: m.");
  });
});
