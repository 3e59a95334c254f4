import { describe, expect, it } from "vitest";
import { UsageError } from "../invocation/usage-error.ts";
import { type KeyFlags, keyPlan } from "./key-plan.ts";

const NOW = Date.UTC(2027, 0, 1);

describe("keyPlan", () => {
  it("reads every flag", () => {
    expect(
      keyPlan(
        {
          name: "team",
          models: "llama-*, arriero-demo",
          "requests-per-minute": "60",
          "tokens-per-minute": "1000",
          "tokens-per-day": "3000000000",
          budget: "12.05",
          "budget-period": "day",
          regions: "eu",
          "data-class": "personal",
          expires: "2d",
        },
        NOW,
      ),
    ).toEqual({
      name: "team",
      models: ["llama-*", "arriero-demo"],
      requestsPerMinute: 60,
      tokensPerMinute: 1000,
      tokensPerDay: 3_000_000_000,
      budget: { micros: 12_050_000, period: "day" },
      allowedRegions: ["eu"],
      dataClass: "personal",
      expiresAt: NOW + 2 * 86_400_000,
    });
  });

  it("limits nothing unless told", () => {
    const { name, ...scope } = keyPlan({ name: "plain" }, NOW);
    expect(name).toBe("plain");
    expect(new Set(Object.values(scope))).toEqual(new Set([null]));
  });

  it("takes a date as its last moment", () => {
    expect(keyPlan({ name: "k", expires: "2027-01-31" }, NOW).expiresAt).toBe(Date.UTC(2027, 1, 1) - 1);
  });

  it.each<Partial<KeyFlags>>([
    { name: " " },
    { models: "a,,b" },
    { "requests-per-minute": "0" },
    { "tokens-per-day": "1.5" },
    { budget: "1e3" },
    { budget: "-1" },
    { budget: "0.1234567" },
    { "budget-period": "day" },
    { expires: "2026-12-31" },
    { expires: "soon" },
    { expires: "2027-13-45" },
    { organization: "" },
    { organization: "a b" },
  ])("refuses %j", (flags) => expect(() => keyPlan({ name: "k", ...flags }, NOW)).toThrow(UsageError));
});
