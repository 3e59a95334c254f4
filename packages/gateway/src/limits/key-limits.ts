import { ArrieroError } from "@arriero/spec";
import type { KeyBudget, KeyScope, Spender, Spending } from "@arriero/store";
import { OrganisationUse } from "./organisation-use.ts";
import { rateHeaders } from "./rate-headers.ts";
import { SpendWatch, type Spent } from "./spend-watch.ts";
import { refuseBeyond } from "./spent-budget.ts";
import { type Bucket, fullBucket, msUntil, refill, spend } from "./token-bucket.ts";
import { UntoldUse } from "./untold-use.ts";
import type { SharedUse, UseReport, UseSharing, UseStanding } from "./use-report.ts";

const DAY_MS = 86_400_000;
const FREE: Spent = { tokens: 0, micros: 0 };
/** Keys remembered; of more, those not used for longest begin anew. */
const MOST_KEYS = 10_000;

export interface KeyLimitsOptions {
  readonly clock: { now(): number };
  /** What the ledger says. Throws store_unavailable. */
  loadSpend(whose: Spender, longest: KeyBudget["period"]): Promise<Spending>;
  /** Other gateways that the limits hold for, too; without it they are this one's own. */
  readonly sharing?: UseSharing | undefined;
  readonly mostKeys?: number;
}

type Headers = Readonly<Record<string, string>>;

/**
 * How much each key and organisation has used of its limits, in this gateway's memory. What others tell comes into it; no request waits
 * for it.
 */
export class KeyLimits {
  readonly #options: KeyLimitsOptions;
  /** Least recently used first. */
  readonly #keys = new Map<string, KeyUse>();
  /** As `#keys`. */
  readonly #organisations = new Map<string, OrganisationUse>();

  constructor(options: KeyLimitsOptions) {
    this.#options = options;
  }

  /** The use of a key, by whose `enter` each request passes; null for one without limits. */
  of(keyId: string, scope: KeyScope): KeyUse | null {
    if (!isLimited(scope)) return null;
    return this.#remembered(this.#keys, keyId, () => this.#use(keyId));
  }

  /** The use of all who are of an organisation. Other gateways' is in the ledger's sums. */
  ofOrganisation(organisationId: string): OrganisationUse {
    const { clock, loadSpend } = this.#options;
    const make = () => new OrganisationUse(clock, (longest) => loadSpend({ organisationId }, longest));
    return this.#remembered(this.#organisations, organisationId, make);
  }

  #remembered<U extends { readonly isIdle: boolean }>(uses: Map<string, U>, id: string, make: () => U): U {
    const use = uses.get(id) ?? make();
    uses.delete(id);
    uses.set(id, use);
    this.#forget(uses);
    return use;
  }

  #use(keyId: string): KeyUse {
    const { clock, loadSpend, sharing } = this.#options;
    const load = (longest: KeyBudget["period"]) => loadSpend({ keyId }, longest);
    return new KeyUse(clock, load, sharing === undefined ? null : (use) => sharing.noted(keyId, use));
  }

  get size(): number {
    return this.#keys.size;
  }

  #forget(uses: Map<string, { readonly isIdle: boolean }>): void {
    const most = this.#options.mostKeys ?? MOST_KEYS;
    for (const [id, { isIdle }] of uses) {
      if (uses.size <= most) return;
      if (isIdle) uses.delete(id);
    }
  }
}

function isLimited(scope: KeyScope): boolean {
  const { budget, requestsPerMinute, tokensPerDay, tokensPerMinute } = scope;
  return budget !== null || requestsPerMinute !== null || tokensPerDay !== null || tokensPerMinute !== null;
}

/** What one key has used. The limits themselves come with each request: they may change while the server runs. */
export class KeyUse implements SharedUse {
  readonly #clock: { now(): number };
  readonly #spend: SpendWatch;
  /** null: nobody shares this key's limits. */
  readonly #untold: UntoldUse | null;
  readonly #note: (use: SharedUse) => void;
  #scope: KeyScope | null = null;
  #requests: Bucket | null = null;
  #tokens: Bucket | null = null;
  #tokensPerMinute: number | null = null;

  /** @param note told of each use that others are to hear of; null: there are no others */
  constructor(
    clock: { now(): number },
    loadSpend: (longest: KeyBudget["period"]) => Promise<Spending>,
    note: ((use: SharedUse) => void) | null = null,
  ) {
    this.#clock = clock;
    this.#spend = new SpendWatch(loadSpend);
    this.#untold = note === null ? null : new UntoldUse();
    this.#note = note ?? (() => undefined);
  }

  get isIdle(): boolean {
    return this.#spend.isIdle;
  }

  /**
   * Lets one more request in, or throws rate_limited, budget_exceeded or store_unavailable. Limits hold back what is new:
   * a request that runs is never cut. A refused one costs a request of the minute only where its tokens or budget were the
   * reason.
   */
  async enter(scope: KeyScope, tell: (headers: Headers) => void): Promise<void> {
    this.#enterMinute(scope, tell);
    const { budget, tokensPerDay } = scope;
    if (budget === null && tokensPerDay === null) return;
    const now = this.#clock.now();
    const period = budget?.period ?? null;
    const ledger = await this.#spend.at(now, period ?? "day");
    // The ledger has all that was written; what was told has what runs elsewhere, but began with Redis' own memory.
    const told = this.#untold?.sums(period, now) ?? FREE;
    const tokens = Math.max(ledger.day.tokens, told.tokens);
    if (tokensPerDay !== null && tokens >= tokensPerDay) {
      const message = `The key has used ${tokens} of its ${tokensPerDay} tokens a day (UTC).`;
      throw new ArrieroError("rate_limited", message, { retryAfter: Math.ceil((DAY_MS - (now % DAY_MS)) / 1000) });
    }
    if (budget !== null) refuseBeyond("key", budget, Math.max(ledger[budget.period].micros, told.micros));
  }

  /**
   * As `enter`, where that needs no waiting and refuses nothing. false: it does, and `enter` is to be asked; nothing was
   * used.
   */
  enterNow(scope: KeyScope, tell: (headers: Headers) => void): boolean {
    const { budget, requestsPerMinute, tokensPerDay, tokensPerMinute } = scope;
    if (budget !== null || tokensPerDay !== null) return false;
    const now = this.#clock.now();
    const requests = bucketAt(this.#requests, requestsPerMinute, now);
    const tokens = bucketAt(this.#tokens, tokensPerMinute, now);
    if ((requests !== null && requests.level < 1) || (tokens !== null && tokens.level < 1)) return false;
    this.#enterMinute(scope, tell);
    return true;
  }

  /** A running request has cost more. */
  add(more: Spent): void {
    if (this.#tokens !== null && this.#tokensPerMinute !== null) {
      this.#tokens = spend(this.#tokens, this.#tokensPerMinute, more.tokens, this.#clock.now());
    }
    this.#spend.add(more);
    this.#use(0, more);
  }

  /** A request that cost `all` is in the ledger. */
  written(all: Spent): void {
    this.#spend.written(all);
  }

  report(): UseReport {
    return this.#untold!.report(this.#scope!, this.#clock.now());
  }

  heard(standing: UseStanding | null): void {
    const levels = this.#untold?.heard(standing) ?? null;
    if (levels === null) return;
    const at = this.#clock.now();
    if (this.#requests !== null) this.#requests = { level: levels.requests, at };
    if (this.#tokens !== null) this.#tokens = { level: levels.tokens, at };
  }

  #use(requests: number, { micros, tokens }: Spent): void {
    if (this.#untold === null || this.#scope === null) return;
    this.#untold.add({ requests, tokens, micros });
    this.#note(this);
  }

  #enterMinute(scope: KeyScope, tell: (headers: Headers) => void): void {
    const { requestsPerMinute, tokensPerMinute } = scope;
    const now = this.#clock.now();
    this.#scope = scope;
    this.#tokensPerMinute = tokensPerMinute;
    this.#requests = bucketAt(this.#requests, requestsPerMinute, now);
    this.#tokens = bucketAt(this.#tokens, tokensPerMinute, now);
    const refusal =
      refusalOf("requests", this.#requests, requestsPerMinute) ?? refusalOf("tokens", this.#tokens, tokensPerMinute);
    if (refusal === null && this.#requests !== null) {
      this.#requests = { ...this.#requests, level: this.#requests.level - 1 };
    }
    if (refusal === null) this.#use(1, FREE);
    if (this.#requests !== null) tell(rateHeaders("requests", this.#requests, requestsPerMinute!));
    if (this.#tokens !== null) tell(rateHeaders("tokens", this.#tokens, tokensPerMinute!));
    if (refusal !== null) throw refusal;
  }
}

function bucketAt(bucket: Bucket | null, perMinute: number | null, now: number): Bucket | null {
  if (perMinute === null) return null;
  return bucket === null ? fullBucket(perMinute, now) : refill(bucket, perMinute, now);
}

/** A bucket must hold one, of requests and of tokens alike: how many tokens it will be nobody knows yet. */
function refusalOf(kind: "requests" | "tokens", bucket: Bucket | null, perMinute: number | null): ArrieroError | null {
  if (bucket === null || perMinute === null || bucket.level >= 1) return null;
  const message = `The key may make ${perMinute} ${kind} a minute, and has ${Math.floor(bucket.level)} left.`;
  const said = kind === "requests" ? message : message.replace("make", "use");
  return new ArrieroError("rate_limited", said, { retryAfter: Math.max(Math.ceil(msUntil(bucket, perMinute, 1) / 1000), 1) });
}
