import { expect, it } from "vitest";
import { OrganizationConfig, organisationBudgets } from "./organizations-schema.ts";

it("reads budgets of money and of tokens, by the month unless a day is named", () => {
  const read = (written: object) => organisationBudgets(OrganizationConfig.parse(written));
  expect(read({})).toEqual({ budget: null, tokenBudget: null });
  expect(read({ budget: { amount: 12.05 }, tokens: { amount: 2_000_000, period: "day" } })).toEqual({
    budget: { micros: 12_050_000, period: "month" },
    tokenBudget: { tokens: 2_000_000, period: "day" },
  });
});

it.each([
  { budget: { amount: -1 } },
  { budget: { amount: 1, period: "year" } },
  { budget: 25 },
  { tokens: { amount: 1.5 } },
  { tokens: { amount: "1" } },
  { requests: 5 },
])("refuses %j", (written) => expect(OrganizationConfig.safeParse(written).success).toBe(false));
