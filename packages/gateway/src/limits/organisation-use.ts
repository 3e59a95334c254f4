import type { page } from "@arriero/spec";
import type { Spending } from "@arriero/store";
import { SpendWatch, type Spent } from "./spend-watch.ts";
import { type Budget, refuseBeyond } from "./spent-budget.ts";

/** What all who are of one organisation have used. The budgets come with each request: they may change while the server runs. */
export class OrganisationUse {
  readonly #clock: { now(): number };
  readonly #spend: SpendWatch;

  constructor(clock: { now(): number }, loadSpend: (longest: page.BudgetPeriod) => Promise<Spending>) {
    this.#clock = clock;
    this.#spend = new SpendWatch(loadSpend);
  }

  get isIdle(): boolean {
    return this.#spend.isIdle;
  }

  /** Lets one more request in: what runs is never cut. Throws budget_exceeded or store_unavailable. */
  async enter(budgets: readonly Budget[]): Promise<void> {
    const spent = await this.#at(budgets);
    for (const budget of budgets) refuseBeyond("organisation", budget, usedOf(budget, spent));
  }

  /** What is used of each of the budgets, in its own unit. Throws store_unavailable. */
  async of(budgets: readonly Budget[]): Promise<readonly number[]> {
    const spent = await this.#at(budgets);
    return budgets.map((budget) => usedOf(budget, spent));
  }

  /** A running request has cost more. */
  add(more: Spent): void {
    this.#spend.add(more);
  }

  /** A request that cost `all` is in the ledger. */
  written(all: Spent): void {
    this.#spend.written(all);
  }

  #at(budgets: readonly Budget[]): Promise<Spending> {
    return this.#spend.at(this.#clock.now(), budgets.some(({ period }) => period === "month") ? "month" : "day");
  }
}

const usedOf = (budget: Budget, spent: Spending): number =>
  "micros" in budget ? spent[budget.period].micros : spent[budget.period].tokens;
