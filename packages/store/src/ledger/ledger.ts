import { randomUUID } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import type { Clock } from "../clock.ts";
import { answered, type Database, unavailable } from "../database/database.ts";
import { usage } from "../database/schema.ts";
import type { KeyBudget } from "../keys/api-key.ts";
import type { StoreLog } from "../store-log.ts";
import type { LedgerEntry } from "./ledger-entry.ts";
import { LEDGER_LIMITS, type LedgerLimits } from "./ledger-limits.ts";
import { LedgerWriter } from "./ledger-writer.ts";
import { reconcile } from "./reconcile.ts";
import { rollUp } from "./roll-up.ts";
import { type DailyUsage, type Spender, type Spending, spendOf, type UsageFilter, usageByDay } from "./usage-queries.ts";
import type { BegunRequest, UsageRecord } from "./usage-record.ts";
import { writeBatch } from "./write-batch.ts";

export interface Ledger {
  /** Begins the keeping of the house: signs of life, reconciling, roll-ups. For gateways; who only reads needs it not. */
  start(): void;
  /** Notes a request. Waits while too much is unwritten; throws draining once closing. */
  begin(request: BegunRequest, signal?: AbortSignal): Promise<LedgerEntry>;
  /** The same without waiting; null where `begin` would wait or throw. */
  tryBegin(request: BegunRequest): LedgerEntry | null;
  /** Writes all that is noted. Throws store_unavailable. */
  flush(): Promise<void>;
  /** Requests with something noted that is not in the database yet. */
  readonly pending: number;
  /** Ends what dead gateways left open; how many requests that were. */
  reconcile(): Promise<number>;
  /** Brings the hourly sums up to date; how many rows that took. */
  rollUp(): Promise<number>;
  byDay(filter: UsageFilter): Promise<readonly DailyUsage[]>;
  /** `longest`: of the periods whose sums are wanted. */
  spend(whose: Spender, longest: KeyBudget["period"]): Promise<Spending>;
  /** The one row of an ended request; null where there is none. */
  find(id: string): Promise<UsageRecord | null>;
}

export interface LedgerOptions {
  readonly clock: Clock;
  readonly log: StoreLog;
  readonly limits?: Partial<LedgerLimits>;
  /** Which gateway this is; another at every start. */
  readonly instanceId?: string;
}

export class DatabaseLedger implements Ledger {
  readonly #database: Database;
  readonly #options: LedgerOptions;
  readonly #limits: LedgerLimits;
  readonly #instanceId: string;
  readonly #writer: LedgerWriter;
  readonly #timers = new Map<string, () => void>();
  readonly #working = new Set<Promise<unknown>>();
  #closed = false;

  constructor(database: Database, options: LedgerOptions) {
    this.#database = database;
    this.#options = options;
    this.#limits = { ...LEDGER_LIMITS, ...options.limits };
    this.#instanceId = options.instanceId ?? randomUUID();
    this.#writer = new LedgerWriter({
      write: (changes) => writeBatch(database, this.#instanceId, changes, options.clock.now()),
      limits: this.#limits,
      clock: options.clock,
      log: options.log,
    });
  }

  start(): void {
    if (this.#timers.size > 0 || this.#closed) return;
    this.#repeat("heartbeat", this.#limits.heartbeatMs, () => this.#heartbeat());
    this.#repeat("reconcile", this.#limits.deadMs, () => this.reconcile());
    this.#repeat("roll-up", this.#limits.rollUpMs, () => this.rollUp());
  }

  tryBegin(request: BegunRequest): LedgerEntry | null {
    return this.#writer.tryBegin(request);
  }

  begin(request: BegunRequest, signal?: AbortSignal): Promise<LedgerEntry> {
    return this.#writer.begin(request, signal);
  }

  flush(): Promise<void> {
    return this.#writer.flush();
  }

  get pending(): number {
    return this.#writer.pending;
  }

  async reconcile(): Promise<number> {
    const lost = await answered(reconcile(this.#database, this.#options.clock.now() - this.#limits.deadMs));
    if (lost > 0) this.#options.log({ level: "warn", message: `${lost} requests of gateways that are gone were closed as lost` });
    return lost;
  }

  rollUp(): Promise<number> {
    return answered(rollUp(this.#database, this.#limits.rollUpRows));
  }

  async byDay(filter: UsageFilter): Promise<readonly DailyUsage[]> {
    return answered(usageByDay(this.#database, filter));
  }

  async spend(whose: Spender, longest: KeyBudget["period"]): Promise<Spending> {
    const now = this.#options.clock.now();
    return answered(spendOf(this.#database, whose, longest, now));
  }

  async find(id: string): Promise<UsageRecord | null> {
    const rows = await answered(this.#database.select().from(usage).where(eq(usage.id, id)));
    const [row] = rows;
    if (row === undefined) return null;
    const { seq: _, ...record } = row;
    return record;
  }

  /**
   * Writes what is left and says goodbye: what has not ended by now is lost, and the next gateway that looks finds it so.
   * Rejects with store_unavailable when records could not be written. Each part has `closeMs` at most. Idempotent.
   */
  async close(): Promise<void> {
    this.#closed = true;
    for (const cancel of this.#timers.values()) cancel();
    await this.#atMost(Promise.allSettled(this.#working));
    await this.#writer.close();
    await this.#atMost(
      this.#database.execute(sql`delete from arriero.instances where id = ${this.#instanceId}`).catch(() => undefined),
    );
  }

  /** Waits for `work`, but no longer than a close may take. */
  async #atMost(work: Promise<unknown>): Promise<void> {
    let cancel = (): void => undefined;
    const over = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(this.#limits.closeMs, resolve);
    });
    await Promise.race([work, over]).finally(() => cancel());
  }

  async #heartbeat(): Promise<void> {
    await this.#database.execute(sql`
      insert into arriero.instances (id, heartbeat_at) values (${this.#instanceId}, ${this.#options.clock.now()})
      on conflict (id) do update set heartbeat_at = excluded.heartbeat_at`);
  }

  /** Once now and then `ms` after each end. A failure is told and tried again the next time. */
  #repeat(name: string, ms: number, work: () => Promise<unknown>): void {
    const round = (): void => {
      const done = work()
        .catch((thrown) => {
          const why = unavailable(thrown).message;
          this.#options.log({ level: "warn", message: `${name}: ${why}` });
        })
        .finally(() => {
          this.#working.delete(done);
          if (!this.#closed) this.#timers.set(name, this.#options.clock.after(ms, round));
        });
      this.#working.add(done);
    };
    this.#timers.set(name, () => undefined);
    round();
  }
}
