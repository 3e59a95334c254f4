import type { Clock } from "@arriero/fleet";
import type { page } from "@arriero/spec";
import type { Exchange } from "../http/exchange.ts";
import type { Principal } from "../http/principal.ts";
import type { Tally } from "../http/tally.ts";
import { KeyLimits } from "../limits/key-limits.ts";
import { allBudgets, budgetsOf, type ConfiguredBudgets, type OrganisationBudgets } from "../limits/organisation-budgets.ts";
import type { OrganisationUse } from "../limits/organisation-use.ts";
import { toldBudget } from "../limits/spent-budget.ts";
import type { UseSharing } from "../limits/use-report.ts";
import type { StoreDoor } from "../store/store-door.ts";
import { costMicros, type ModelPrice, priceOf } from "./model-price.ts";
import { RequestAccount, type RequestAccountOptions } from "./request-account.ts";
import { RequestLedger } from "./request-ledger.ts";

export interface AccountingOptions {
  readonly door: StoreDoor;
  readonly clock: Clock;
  readonly prices: readonly ModelPrice[];
  /** Budgets of the configuration. */
  readonly budgets?: ConfiguredBudgets | undefined;
  /** Other gateways that the limits of keys hold for, too. */
  readonly sharing?: UseSharing | undefined;
  /** A request was served that will be in no ledger. */
  onForgotten(): void;
}

/** Admits inference requests within the limits of their keys, and opens an account for each. */
export class Accounting {
  readonly #door: StoreDoor;
  readonly #clock: Clock;
  readonly #limits: KeyLimits;
  readonly #ledger: RequestLedger;
  /** Of requests from now on: one that has begun keeps the price it began with. */
  prices: readonly ModelPrice[];
  /** Of requests from now on. */
  budgets: ConfiguredBudgets;

  constructor(options: AccountingOptions) {
    const { clock, door } = options;
    this.prices = options.prices;
    this.budgets = options.budgets ?? new Map();
    this.#door = door;
    this.#clock = clock;
    this.#ledger = new RequestLedger(door, options.onForgotten);
    this.#limits = new KeyLimits({
      clock,
      loadSpend: (whose, longest) => door.ask(({ ledger }) => ledger.spend(whose, longest)),
      sharing: options.sharing,
    });
  }

  /** An account for work that no request waits for. The caller begins and ends it. Throws budget_exceeded or store_unavailable. */
  async open(work: Pick<RequestAccountOptions, "id" | "principal" | "tally" | "startedAt">): Promise<RequestAccount> {
    const shared = await this.#enterOrganisation(work.principal);
    return new RequestAccount({ ...work, ledger: this.#ledger, prices: this.prices, use: null, shared });
  }

  /** What was counted so far costs, in millionths. */
  costOf(tally: Tally): number {
    return tally.model === null ? 0 : costMicros(priceOf(this.prices, tally.model, tally.adapter), tally);
  }

  /** Throws rate_limited, budget_exceeded or store_unavailable. The headers of the limits are set either way. */
  async enter(exchange: Pick<Exchange, "account" | "ids" | "principal" | "setHeader" | "startedAt" | "tally">): Promise<void> {
    const { ids, principal, startedAt, tally } = exchange;
    // A store that nobody wanted yet keeps nothing, and is not made for a request.
    if (principal === null || !this.#door.isAwake) return;
    const use = principal.kind === "key" ? this.#limits.of(principal.id, principal.scopes) : null;
    await use?.enter(principal.scopes, (headers) => {
      for (const [name, value] of Object.entries(headers)) exchange.setHeader(name, value);
    });
    const entering = this.#enterOrganisation(principal);
    const shared = entering === null ? null : await entering;
    const { prices } = this;
    const ledger = this.#ledger;
    exchange.account = new RequestAccount({ id: ids.generation, principal, tally, startedAt, ledger, prices, use, shared });
  }

  /** As `enter`, where that needs no waiting and refuses nothing; null: it does, and nothing was used. */
  enterNow(
    request: Pick<RequestAccountOptions, "id" | "principal" | "startedAt" | "tally">,
    tell: (headers: Readonly<Record<string, string>>) => void,
  ): RequestAccount | null {
    const { principal } = request;
    if (principal.kind !== "key" || this.#door.current === null) return null;
    if (budgetsOf(principal, this.budgets).length > 0) return null;
    const use = this.#limits.of(principal.id, principal.scopes);
    if (use !== null && !use.enterNow(principal.scopes, tell)) return null;
    const { id, startedAt, tally } = request;
    const { prices } = this;
    return new RequestAccount({ id, principal, tally, startedAt, ledger: this.#ledger, prices, use, shared: null });
  }

  /** The budgets that bind an organisation, of which the store keeps `kept`, with what is used of each. Throws store_unavailable. */
  async standingOf(organisation: string, kept: OrganisationBudgets): Promise<readonly page.OrganisationBudget[]> {
    const budgets = allBudgets(kept, this.budgets.get(organisation) ?? null);
    if (budgets.length === 0) return [];
    const used = await this.#limits.ofOrganisation(organisation).of(budgets);
    return budgets.map((budget, index) => toldBudget(budget, used[index]!, this.#clock.now()));
  }

  /** null: no budget binds them, and nothing is waited for. */
  #enterOrganisation(principal: Principal): Promise<OrganisationUse> | null {
    const budgets = budgetsOf(principal, this.budgets);
    if (budgets.length === 0) return null;
    const use = this.#limits.ofOrganisation(principal.organisation);
    return use.enter(budgets).then(() => use);
  }
}
