import type { Clock } from "@arriero/fleet";
import type { Exchange } from "../http/exchange.ts";
import type { Principal } from "../http/principal.ts";
import type { Tally } from "../http/tally.ts";
import { KeyLimits, type KeyUse } from "../limits/key-limits.ts";
import type { UseSharing } from "../limits/use-report.ts";
import type { StoreDoor } from "../store/store-door.ts";
import { costMicros, type ModelPrice, priceOf } from "./model-price.ts";
import { RequestAccount, type RequestAccountOptions } from "./request-account.ts";
import { RequestLedger } from "./request-ledger.ts";

export interface AccountingOptions {
  readonly door: StoreDoor;
  readonly clock: Clock;
  readonly prices: readonly ModelPrice[];
  /** Other gateways that the limits of keys hold for, too. */
  readonly sharing?: UseSharing | undefined;
  /** A request was served that will be in no ledger. */
  onForgotten(): void;
}

/** Admits inference requests within the limits of their keys, and opens an account for each. */
export class Accounting {
  readonly #door: StoreDoor;
  readonly #limits: KeyLimits;
  readonly #ledger: RequestLedger;
  /** Of requests from now on: one that has begun keeps the price it began with. */
  prices: readonly ModelPrice[];

  constructor(options: AccountingOptions) {
    const { clock, door } = options;
    this.prices = options.prices;
    this.#door = door;
    this.#ledger = new RequestLedger(door, options.onForgotten);
    this.#limits = new KeyLimits({
      clock,
      loadSpend: (whose, period) => door.ask(({ ledger }) => ledger.spend(whose, period)),
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
    const shared = principal.rules?.budget == null ? null : await this.#enterOrganisation(principal);
    const { prices } = this;
    const ledger = this.#ledger;
    exchange.account = new RequestAccount({ id: ids.generation, principal, tally, startedAt, ledger, prices, use, shared });
  }

  async #enterOrganisation({ organisation, rules }: Principal): Promise<KeyUse | null> {
    const budget = rules?.budget ?? null;
    if (budget === null) return null;
    const use = this.#limits.ofOrganisation(organisation, budget);
    await use?.enterBudget(budget);
    return use;
  }
}
