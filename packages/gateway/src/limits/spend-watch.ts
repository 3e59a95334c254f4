import type { KeyBudget, Spending, Spent } from "@arriero/store";

/** So long the ledger's word is taken as it is. */
const FRESH_MS = 5_000;
/** So long it is still used, while it is asked for anew: other gateways' requests are seen that much later. */
const USABLE_MS = 20_000;

type Period = KeyBudget["period"];

export type { Spent };

const NOTHING: Spent = { tokens: 0, micros: 0 };

/**
 * What one key or organisation has spent: the ledger's sums, asked for now and then, and what this gateway knows beyond them. A request
 * that is written while the ledger is being asked may count twice until it is asked again; none is ever left out.
 */
export class SpendWatch {
  readonly #load: (longest: Period) => Promise<Spending>;
  /** Of requests that run, or are not in the database yet. */
  #unwritten = NOTHING;
  /** Of requests written after the last question. */
  #written = NOTHING;
  /** Of requests written before the question that is on its way. */
  #settling = NOTHING;
  #known: { readonly spend: Spending; readonly longest: Period; readonly at: number } | null = null;
  #asking: Promise<Spending> | null = null;

  constructor(load: (longest: Period) => Promise<Spending>) {
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
   * Of today, and where `longest` is a month of that too. Throws store_unavailable where the ledger does not answer and its
   * last word is too old.
   */
  async at(now: number, longest: Period): Promise<Spending> {
    const known = this.#known?.longest === longest && now - this.#known.at < USABLE_MS ? this.#known : null;
    if (known !== null && now - known.at >= FRESH_MS) this.#ask(now, longest).catch(() => undefined);
    const { day, month } = known?.spend ?? (await this.#ask(now, longest));
    const here = sum(sum(this.#unwritten, this.#written), this.#settling);
    return { day: sum(day, here), month: sum(month, here) };
  }

  #ask(now: number, longest: Period): Promise<Spending> {
    this.#asking ??= this.#askOnce(now, longest).finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #askOnce(now: number, longest: Period): Promise<Spending> {
    this.#settling = this.#written;
    this.#written = NOTHING;
    try {
      const spend = await this.#load(longest);
      this.#known = { spend, longest, at: now };
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
