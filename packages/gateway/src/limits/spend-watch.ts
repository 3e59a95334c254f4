import type { KeyBudget, KeySpend } from "@arriero/store";

/** So long the ledger's word is taken as it is. */
const FRESH_MS = 5_000;
/** So long it is still used, while it is asked for anew: other gateways' requests are seen that much later. */
const USABLE_MS = 20_000;

type Period = KeyBudget["period"] | null;

export interface Spent {
  readonly tokens: number;
  readonly micros: number;
}

const NOTHING: Spent = { tokens: 0, micros: 0 };

/**
 * What one key has spent: the ledger's sums, asked for now and then, and what this gateway knows beyond them. A request
 * that is written while the ledger is being asked may count twice until it is asked again; none is ever left out.
 */
export class SpendWatch {
  readonly #load: (period: Period) => Promise<KeySpend>;
  /** Of requests that run, or are not in the database yet. */
  #unwritten = NOTHING;
  /** Of requests written after the last question. */
  #written = NOTHING;
  /** Of requests written before the question that is on its way. */
  #settling = NOTHING;
  #known: { readonly spend: KeySpend; readonly period: Period; readonly at: number } | null = null;
  #asking: Promise<KeySpend> | null = null;

  constructor(load: (period: Period) => Promise<KeySpend>) {
    this.#load = load;
  }

  /** Nothing here would be missed. */
  get isIdle(): boolean {
    return this.#unwritten.tokens === 0 && this.#unwritten.micros === 0 && this.#asking === null;
  }

  /** A running request has cost more. */
  add(more: Spent): void {
    this.#unwritten = sum(this.#unwritten, more);
  }

  /** A request that cost `all` is in the database. */
  written(all: Spent): void {
    this.#unwritten = sum(this.#unwritten, { tokens: -all.tokens, micros: -all.micros });
    this.#written = sum(this.#written, all);
  }

  /**
   * Tokens of today, and money of the period's day or month. Throws store_unavailable where the ledger does not answer and
   * its last word is too old.
   */
  async at(now: number, period: Period): Promise<Spent> {
    const known = this.#known?.period === period && now - this.#known.at < USABLE_MS ? this.#known : null;
    if (known !== null && now - known.at >= FRESH_MS) this.#ask(now, period).catch(() => undefined);
    const spend = known?.spend ?? (await this.#ask(now, period));
    const here = sum(sum(this.#unwritten, this.#written), this.#settling);
    return sum({ tokens: spend.tokensToday, micros: spend.spentMicros }, here);
  }

  #ask(now: number, period: Period): Promise<KeySpend> {
    this.#asking ??= this.#askOnce(now, period).finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #askOnce(now: number, period: Period): Promise<KeySpend> {
    this.#settling = this.#written;
    this.#written = NOTHING;
    try {
      const spend = await this.#load(period);
      this.#known = { spend, period, at: now };
      return spend;
    } catch (thrown) {
      this.#written = sum(this.#written, this.#settling);
      throw thrown;
    } finally {
      this.#settling = NOTHING;
    }
  }
}

const sum = (a: Spent, b: Spent): Spent => ({ tokens: a.tokens + b.tokens, micros: a.micros + b.micros });
