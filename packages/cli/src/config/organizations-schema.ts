import type { page } from "@arriero/spec";
import { z } from "zod";

const MICROS = 1_000_000;
const period = z.enum(["day", "month"]).default("month");

/** One organisation of `organizations:` in arriero.yaml. null: no budget but what the page keeps. */
export const OrganizationConfig = z.strictObject({
  budget: z
    .strictObject({ amount: z.number().min(0).max(1_000_000_000), period })
    .nullable()
    .default(null),
  tokens: z
    .strictObject({ amount: z.int().min(0).max(Number.MAX_SAFE_INTEGER), period })
    .nullable()
    .default(null),
});

type OrganizationConfig = z.infer<typeof OrganizationConfig>;

/** The same in the gateway's words. */
export function organisationBudgets({
  budget,
  tokens,
}: OrganizationConfig): Pick<page.OrganisationRules, "budget" | "tokenBudget"> {
  return {
    budget: budget === null ? null : { micros: Math.round(budget.amount * MICROS), period: budget.period },
    tokenBudget: tokens === null ? null : { tokens: tokens.amount, period: tokens.period },
  };
}
