import { ArrieroError, type page } from "@arriero/spec";

/** What somebody may spend, or use, in a calendar day or month, UTC. */
export type Budget = NonNullable<page.OrganisationRules["budget"]> | NonNullable<page.OrganisationRules["tokenBudget"]>;

const MICROS = 1_000_000;

/** Throws budget_exceeded where `used`, in the budget's own unit, leaves nothing of it. */
export function refuseBeyond(whose: "key" | "organisation", budget: Budget, used: number): void {
  const most = "micros" in budget ? budget.micros : budget.tokens;
  if (used < most) return;
  const said = "micros" in budget ? `spent ${money(used)} of its budget of ${money(most)}` : `used ${used} of its ${most} tokens`;
  throw new ArrieroError("budget_exceeded", `The ${whose} has ${said} a ${budget.period} (UTC).`);
}

/** A budget as the page shows it. */
export function toldBudget(budget: Budget, used: number, now: number): page.OrganisationBudget {
  const { period } = budget;
  const isMoney = "micros" in budget;
  const most = isMoney ? budget.micros : budget.tokens;
  return { unit: isMoney ? "money" : "tokens", most, used: Math.round(used), period, endsAt: periodEnd(period, now) };
}

/** First millisecond of the next calendar day or month, UTC. */
function periodEnd(period: page.BudgetPeriod, now: number): number {
  const date = new Date(now);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  switch (period) {
    case "day":
      return Date.UTC(year, month, date.getUTCDate() + 1);
    case "month":
      return Date.UTC(year, month + 1);
    default:
      return period satisfies never;
  }
}

const money = (micros: number): string => String(Math.round(micros) / MICROS);
