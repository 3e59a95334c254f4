import type { page } from "@arriero/spec";
import { isOwner, type Principal } from "../http/principal.ts";
import type { Budget } from "./spent-budget.ts";

export type OrganisationBudgets = Pick<page.OrganisationRules, "budget" | "tokenBudget">;

/** What the configuration says of organisations, by name. */
export type ConfiguredBudgets = ReadonlyMap<string, OrganisationBudgets>;

const NONE: readonly Budget[] = [];

/** The budgets that bind a caller by their organisation: the store's, and the configuration's beside them. None binds who runs the server. */
export function budgetsOf(principal: Principal, configured: ConfiguredBudgets): readonly Budget[] {
  if (isOwner(principal)) return NONE;
  const { organisation, rules } = principal;
  return allBudgets(rules ?? null, configured.get(organisation) ?? null);
}

export function allBudgets(kept: OrganisationBudgets | null, configured: OrganisationBudgets | null): readonly Budget[] {
  if (isFree(kept) && isFree(configured)) return NONE;
  return [kept?.budget, kept?.tokenBudget, configured?.budget, configured?.tokenBudget].filter((budget) => budget != null);
}

const isFree = (budgets: OrganisationBudgets | null): boolean =>
  budgets === null || (budgets.budget === null && budgets.tokenBudget === null);
