import { ArrieroError } from "@arriero/spec";
import type { Clock } from "../clock.ts";
import { reasonOf } from "../database/database.ts";
import type { StoreLog } from "../store-log.ts";
import { type Change, type LedgerEntry, PendingEntry } from "./ledger-entry.ts";
import type { LedgerLimits } from "./ledger-limits.ts";
import type { BegunRequest } from "./usage-record.ts";

export interface LedgerWriterOptions {
  /** Writes all of the changes or none. */
  write(changes: readonly Change[]): Promise<void>;
  readonly limits: Pick<LedgerLimits, "flushMs" | "mostFlushMs" | "writingShare" | "batch" | "pending" | "retryMs" | "closeMs">;
  readonly clock: Clock;
  readonly log: StoreLog;
}

/**
 * Collects what is to be written and writes it in batches, one after the other. What a failed batch held stays and is
 * written with the next, together with what has changed since.
 */
export class LedgerWriter {
  readonly #options: LedgerWriterOptions;
  /** Entries with changes not in the database, oldest change first. */
  readonly #pending = new Set<PendingEntry>();
  /** Entries of the batch on its way. */
  #writing: readonly PendingEntry[] = [];
  readonly #waiting: { go(): void; refuse(error: Error): void }[] = [];
  #running: Promise<void> | null = null;
  #cancelTimer: (() => void) | null = null;
  #failures = 0;
  /** What the last batch took. */
  #writingMs = 0;
  #closing: Promise<void> | null = null;
  /** Set at the end of `close`: why a later change is not written. */
  #gaveUp: ArrieroError | null = null;

  constructor(options: LedgerWriterOptions) {
    this.#options = options;
  }

  /** Requests with changes that are not in the database yet. */
  get pending(): number {
    return this.#pending.size;
  }

  /** A place for the request without waiting; null: there is no room, or the ledger is closing. */
  tryBegin(request: BegunRequest): LedgerEntry | null {
    const { pending } = this.#options.limits;
    if (this.#closing !== null || this.#waiting.length > 0 || this.#pending.size >= pending) return null;
    const entry = new PendingEntry(request, (changed) => this.#add(changed));
    this.#add(entry);
    return entry;
  }

  /** A place for the request, at once where there is room. Throws draining once the ledger is closing. */
  async begin(request: BegunRequest, signal?: AbortSignal): Promise<LedgerEntry> {
    if (this.#closing === null && (this.#waiting.length > 0 || this.#pending.size >= this.#options.limits.pending)) {
      await this.#room(signal);
    }
    if (this.#closing !== null) throw new ArrieroError("draining", "The ledger is closing.");
    const entry = new PendingEntry(request, (changed) => this.#add(changed));
    this.#add(entry);
    return entry;
  }

  /** Writes what is pending now. Rejects when the database does not take it; it is then tried again later. */
  async flush(): Promise<void> {
    while (this.#pending.size > 0 || this.#running !== null) {
      const before = this.#failures;
      await this.#writeOnce();
      if (this.#failures > before) {
        throw new ArrieroError("store_unavailable", `${this.#pending.size} records are waiting for the database.`);
      }
    }
  }

  /** Writes what is left, for at most `closeMs`. Rejects, and says how much was lost, when that fails. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#writeLast();
    return this.#closing;
  }

  async #writeLast(): Promise<void> {
    for (const { refuse } of this.#waiting.splice(0)) refuse(new ArrieroError("draining", "The ledger is closing."));
    this.#cancelTimer?.();
    const { clock, limits } = this.#options;
    let isOver = false;
    let cancel = (): void => undefined;
    const over = new Promise<void>((resolve) => {
      cancel = clock.after(limits.closeMs, () => {
        isOver = true;
        resolve();
      });
    });
    while (!isOver && (this.#pending.size > 0 || this.#running !== null)) {
      // A database that neither takes nor refuses is not waited for any longer either.
      await Promise.race([this.#writeOnce(), over]);
      if (this.#failures > 0 && !isOver) await this.#pause(over);
    }
    cancel();
    this.#gaveUp = new ArrieroError("store_unavailable", "The ledger is closed.");
    const lost = new Set([...this.#writing, ...this.#pending]);
    if (lost.size === 0) return;
    const error = new ArrieroError("store_unavailable", `The database did not take the last ${lost.size} records.`);
    for (const entry of lost) entry.fail(error);
    throw error;
  }

  /** Until the next try, or `over`. */
  async #pause(over: Promise<void>): Promise<void> {
    let cancel = (): void => undefined;
    const wait = new Promise<void>((resolve) => {
      cancel = this.#options.clock.after(this.#retryMs(), resolve);
    });
    await Promise.race([wait, over]);
    cancel();
  }

  #room(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const place = {
        go: () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        },
        refuse: (error: Error) => {
          signal?.removeEventListener("abort", onAbort);
          reject(error);
        },
      };
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(place), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiting.push(place);
    });
  }

  #add(entry: PendingEntry): void {
    if (this.#gaveUp !== null) {
      entry.fail(this.#gaveUp);
      return;
    }
    this.#pending.add(entry);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#cancelTimer !== null || this.#running !== null || this.#closing !== null) return;
    const full = this.#pending.size >= this.#options.limits.batch;
    const wait = this.#failures > 0 ? this.#retryMs() : full ? 0 : this.#restMs();
    this.#cancelTimer = this.#options.clock.after(wait, () => {
      this.#cancelTimer = null;
      void this.#writeOnce();
    });
  }

  /** So long that writing takes no more than its share. */
  #restMs(): number {
    const { flushMs, mostFlushMs, writingShare } = this.#options.limits;
    return Math.min(Math.max(this.#writingMs / writingShare - this.#writingMs, flushMs), mostFlushMs);
  }

  #retryMs(): number {
    const { first, last } = this.#options.limits.retryMs;
    return Math.min(first * 2 ** (this.#failures - 1), last);
  }

  /** Writes one batch after the one that runs. Never rejects: a failure is counted, and its changes are pending again. */
  async #writeOnce(): Promise<void> {
    const before = this.#running;
    if (this.#pending.size === 0) {
      // Nothing to queue behind the batch that runs: two who wait for it would queue behind each other for ever.
      await before;
      return;
    }
    const own = (async () => {
      await before;
      await this.#writeBatch();
    })();
    this.#running = own;
    await own;
    if (this.#running === own) this.#running = null;
    if (this.#pending.size > 0) this.#schedule();
  }

  async #writeBatch(): Promise<void> {
    const entries = [...take(this.#pending, this.#options.limits.batch)];
    if (entries.length === 0) return;
    const taken = entries.map((entry) => ({ entry, ...entry.take() }));
    for (const entry of entries) this.#pending.delete(entry);
    this.#writing = entries;
    const begunAt = this.#options.clock.now();
    try {
      await this.#options.write(taken.map(({ change }) => change));
    } catch (thrown) {
      this.#putBack(entries);
      this.#failures++;
      this.#options.log({
        level: "error",
        message: `the database did not take ${entries.length} records, try ${this.#failures}: ${reasonOf(thrown)}`,
      });
      return;
    } finally {
      this.#writing = [];
    }
    this.#failures = 0;
    this.#writingMs = Math.max(this.#options.clock.now() - begunAt, 0);
    for (const { entry, version } of taken) entry.written(version);
    const room = Math.max(this.#options.limits.pending - this.#pending.size, 0);
    for (const { go } of this.#waiting.splice(0, room)) go();
  }

  /** To the front, in their old order. */
  #putBack(entries: readonly PendingEntry[]): void {
    const since = [...this.#pending];
    this.#pending.clear();
    for (const entry of [...entries, ...since]) this.#pending.add(entry);
  }
}

function* take<T>(items: Iterable<T>, most: number): Generator<T> {
  let taken = 0;
  for (const item of items) {
    if (taken++ >= most) return;
    yield item;
  }
}
