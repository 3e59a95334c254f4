import { cleanAmount, cleanRow, cleanText } from "./clean-row.ts";
import { type BegunRequest, NO_PROGRESS, type RequestEnd, type RequestProgress } from "./usage-record.ts";

/** One request's place in the ledger, held by whoever serves it. */
export interface LedgerEntry {
  /** Notes how far the request has come. After the end it changes nothing. */
  progress(known: Partial<RequestProgress>): void;
  /** Notes how it ended. The first end counts; later ones change nothing. */
  end(end: RequestEnd): void;
  /** Resolves once all noted so far is in the database; rejects when the store was closed without it. */
  recorded(): Promise<void>;
}

interface Waiter {
  /** Of the entry, that has to be in the database. */
  readonly version: number;
  resolve(): void;
  reject(error: Error): void;
}

/** What a batch writes of one entry, as of the moment it was taken. */
export interface Change {
  /** `open`: to the journal; `final`: to the ledger. */
  readonly kind: "open" | "final";
  readonly columns: ReturnType<typeof cleanRow>;
  /** The journal may have the request: a batch with it as `open` was on its way. */
  readonly journalled: boolean;
}

/**
 * The state of one request and whether the database knows it. Changes made before a batch is taken are one change: a
 * request that ends within a flush interval is written once.
 */
export class PendingEntry implements LedgerEntry {
  readonly request: BegunRequest;
  readonly #onChange: (entry: PendingEntry) => void;
  #progress: RequestProgress = NO_PROGRESS;
  #end: RequestEnd | null = null;
  /** Counts the changes; `#written` is the one that the database has. */
  #version = 1;
  #written = 0;
  #journalled = false;
  #waiters: Waiter[] = [];
  /** Why what is not written never will be. */
  #lost: Error | null = null;

  constructor(request: BegunRequest, onChange: (entry: PendingEntry) => void) {
    this.request = request;
    this.#onChange = onChange;
  }

  progress(known: Partial<RequestProgress>): void {
    if (this.#end !== null) return;
    this.#progress = merged(this.#progress, known);
    this.#changed();
  }

  end(end: RequestEnd): void {
    if (this.#end !== null) return;
    const { endedAt, errorCode, status, ...known } = end;
    this.#progress = merged(this.#progress, known);
    this.#end = { endedAt, status, errorCode: errorCode ?? null };
    this.#changed();
  }

  recorded(): Promise<void> {
    const version = this.#version;
    if (this.#written === version) return Promise.resolve();
    if (this.#lost !== null) return Promise.reject(this.#lost);
    return new Promise((resolve, reject) => this.#waiters.push({ version, resolve, reject }));
  }

  /** What is to be written now, and which version that is. */
  take(): { readonly change: Change; readonly version: number } {
    const version = this.#version;
    const columns = cleanRow(this.request, this.#progress);
    const journalled = this.#journalled;
    if (this.#end === null) {
      this.#journalled = true;
      return { change: { kind: "open", columns, journalled }, version };
    }
    const { endedAt, errorCode, status } = this.#end;
    const ended = { status, error_code: cleanText(errorCode ?? null), ended_at: cleanAmount(endedAt) };
    return { change: { kind: "final", columns: Object.assign(columns, ended), journalled }, version };
  }

  /** The database has this version. */
  written(version: number): void {
    this.#written = version;
    if (this.#waiters.length === 0) return;
    const done = this.#waiters.filter((waiter) => waiter.version <= version);
    this.#waiters = this.#waiters.filter((waiter) => waiter.version > version);
    for (const waiter of done) waiter.resolve();
  }

  /** Nothing more of it will be written. */
  fail(error: Error): void {
    this.#lost = error;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) waiter.reject(error);
  }

  #changed(): void {
    this.#version++;
    this.#onChange(this);
  }
}

/** A value that is named but undefined says nothing. */
function merged(before: RequestProgress, known: Partial<RequestProgress>): RequestProgress {
  const after: Record<string, unknown> = { ...before };
  for (const name in known) {
    const value = known[name as keyof RequestProgress];
    if (value !== undefined) after[name] = value;
  }
  return after as unknown as RequestProgress;
}
