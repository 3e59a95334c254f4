import type { ArrieroError } from "@arriero/spec";
import type { LedgerEntry, RequestEnd, RequestProgress } from "@arriero/store";
import type { Principal } from "../http/principal.ts";
import type { Tally, TallyWatcher } from "../http/tally.ts";
import type { KeyUse } from "../limits/key-limits.ts";
import type { OrganisationUse } from "../limits/organisation-use.ts";
import type { Spent } from "../limits/spend-watch.ts";
import { costMicros, type ModelPrice, priceOf } from "./model-price.ts";
import type { OpenedEntry, RequestLedger } from "./request-ledger.ts";

/** The journal hears of a running request when so many tokens are new, or so much time has passed. */
const PROGRESS_TOKENS = 256;
const PROGRESS_MS = 2_000;
/** The key's limits hear of it this often: they hold back what is new, and a stream's every token is not. */
const CHARGE_TOKENS = 16;
const CHARGE_MS = 500;

export interface RequestAccountOptions {
  /** Unique for ever: the row's own. */
  readonly id: string;
  readonly principal: Principal;
  readonly tally: Tally;
  readonly startedAt: number;
  readonly ledger: RequestLedger;
  readonly prices: readonly ModelPrice[];
  /** Of the caller's key; null: nothing limits it. */
  readonly use: KeyUse | null;
  /** Of the caller's organisation, shared by all who are of it; null: it has no budget. */
  readonly shared?: OrganisationUse | null;
}

/**
 * One request's row in the ledger, from the moment its model is known to its end, however it ends. What it bills is the
 * tally: tokens as they were given out, each once.
 */
export class RequestAccount implements TallyWatcher {
  readonly #options: RequestAccountOptions;
  #opened: OpenedEntry | null = null;
  #entry: LedgerEntry | null = null;
  #price: ModelPrice | null = null;
  #charged: Spent = { tokens: 0, micros: 0 };
  #chargedAt = 0;
  #noted = { tokens: 0, at: 0 };
  #ended = false;
  #recorded: Promise<void> = Promise.resolve();

  constructor(options: RequestAccountOptions) {
    this.#options = options;
  }

  /**
   * Begins the row. Resolves at once unless too much waits to be written; nothing waits for the disk. Only the first call
   * counts. Throws store_unavailable.
   */
  async begin(model: string, adapter: string | null, signal: AbortSignal): Promise<void> {
    if (this.#opened !== null) return;
    const { id, ledger, prices, principal, startedAt, tally } = this.#options;
    this.#price = priceOf(prices, model, adapter);
    this.#noted = { tokens: 0, at: startedAt };
    this.#chargedAt = startedAt;
    tally.watcher = this;
    const keyId = principal.kind === "local" ? null : principal.id;
    const request = { id, organisationId: principal.organisation, keyId, model, adapter, startedAt };
    this.#opened = ledger.open(request, signal);
    const { accepted, entry } = this.#opened;
    if (!(entry instanceof Promise)) this.#entry = entry;
    else {
      entry.then(
        (opened) => {
          this.#entry = opened;
        },
        () => undefined,
      );
    }
    if (accepted !== null) await accepted;
  }

  counted(now: number): void {
    if (this.#ended) return;
    const { tally } = this.#options;
    const isLittle = tally.promptTokens + tally.completionTokens - this.#charged.tokens < CHARGE_TOKENS;
    if (isLittle && now - this.#chargedAt < CHARGE_MS) return;
    this.#charge(now);
    const spent = this.#charged;
    if (spent.tokens - this.#noted.tokens < PROGRESS_TOKENS && now - this.#noted.at < PROGRESS_MS) return;
    if (this.#entry === null) return;
    this.#noted = { tokens: spent.tokens, at: now };
    this.#entry.progress(this.#progress());
  }

  #charge(now: number): void {
    const spent = this.#spent();
    const { micros, tokens } = this.#charged;
    this.#chargedAt = now;
    if (spent.tokens === tokens && spent.micros === micros) return;
    const { shared, use } = this.#options;
    if (use !== null || shared != null) {
      const more = { tokens: spent.tokens - tokens, micros: spent.micros - micros };
      use?.add(more);
      shared?.add(more);
    }
    this.#charged = spent;
  }

  /** Once the answer has ended and nothing more is counted. `error`: what ended it before its time. */
  end(error: ArrieroError | null, now: number): void {
    if (this.#ended || this.#opened === null) return;
    this.#charge(now);
    this.#ended = true;
    const charged = this.#charged;
    const end: RequestEnd = { ...this.#progress(), ...outcome(error), endedAt: now };
    const ended = (entry: LedgerEntry): Promise<void> => {
      entry.end(end);
      return entry.recorded();
    };
    const { entry } = this.#opened;
    this.#recorded = entry instanceof Promise ? entry.then(ended) : ended(entry);
    // Where it never came to the database it stays on this gateway's own account of the key.
    this.#recorded.then(
      () => {
        this.#options.use?.written(charged);
        this.#options.shared?.written(charged);
      },
      () => undefined,
    );
  }

  /** After `end`: resolves once the row is in the ledger, rejects where it never comes there. */
  recorded(): Promise<void> {
    return this.#recorded;
  }

  #spent(): Spent {
    const { tally } = this.#options;
    return { tokens: tally.promptTokens + tally.completionTokens, micros: costMicros(this.#price, tally) };
  }

  #progress(): Partial<RequestProgress> {
    const { startedAt, tally } = this.#options;
    return {
      backend: tally.backend,
      promptTokens: tally.promptTokens,
      cachedTokens: tally.cachedTokens,
      completionTokens: tally.completionTokens,
      reasoningTokens: tally.reasoningTokens,
      attempts: tally.attempts,
      continuations: tally.continuations,
      queueMs: tally.queueMs,
      ttftMs: tally.firstTokenAt === null ? null : tally.firstTokenAt - startedAt,
      costMicros: costMicros(this.#price, tally),
    };
  }
}

function outcome(error: ArrieroError | null): Pick<RequestEnd, "status" | "errorCode"> {
  if (error === null) return { status: "completed" };
  return { status: error.code === "cancelled" ? "cancelled" : "failed", errorCode: error.code };
}
