import type { KeyBudget, KeyScope } from "@arriero/store";
import type { Spent } from "./spend-watch.ts";
import { periodOf, type UseReport, type UseStanding } from "./use-report.ts";

interface Use extends Spent {
  readonly requests: number;
}

const NOTHING: Use = { requests: 0, tokens: 0, micros: 0 };

/** What was used of one key here that other gateways have not heard of, and the sums that they and this one have told. */
export class UntoldUse {
  #waiting = NOTHING;
  /** In the report that is on its way. */
  #telling = NOTHING;
  #told: { readonly day: string | null; readonly period: string | null; readonly sums: Spent } | null = null;
  #asked: Pick<UseReport, "day" | "period"> = { day: null, period: null };

  add({ micros, requests, tokens }: Use): void {
    const { micros: money, requests: count, tokens: used } = this.#waiting;
    this.#waiting = { requests: count + requests, tokens: used + tokens, micros: money + micros };
  }

  report({ budget, requestsPerMinute, tokensPerDay, tokensPerMinute }: KeyScope, now: number): UseReport {
    this.#telling = this.#waiting;
    this.#waiting = NOTHING;
    this.#asked = {
      day: tokensPerDay === null ? null : periodOf("day", now),
      period: budget === null ? null : periodOf(budget.period, now),
    };
    return { requestsPerMinute, tokensPerMinute, ...this.#telling, ...this.#asked };
  }

  /** @returns how the buckets stand, with what is not told yet taken out */
  heard(standing: UseStanding | null): { readonly requests: number; readonly tokens: number } | null {
    this.#telling = NOTHING;
    if (standing === null) return null;
    this.#told = { ...this.#asked, sums: { tokens: standing.tokensToday, micros: standing.micros } };
    return { requests: standing.requests - this.#waiting.requests, tokens: standing.tokens - this.#waiting.tokens };
  }

  /** What all gateways have told of today and of the budget's period, with what is used here; 0 where nobody told. */
  sums(period: KeyBudget["period"] | null, now: number): Spent {
    const told = this.#told;
    if (told === null) return { tokens: 0, micros: 0 };
    const here = { tokens: this.#waiting.tokens + this.#telling.tokens, micros: this.#waiting.micros + this.#telling.micros };
    return {
      tokens: told.day === periodOf("day", now) ? told.sums.tokens + here.tokens : 0,
      micros: period !== null && told.period === periodOf(period, now) ? told.sums.micros + here.micros : 0,
    };
  }
}
