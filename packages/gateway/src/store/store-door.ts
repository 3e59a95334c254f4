import type { Clock } from "@arriero/fleet";
import { ArrieroError } from "@arriero/spec";
import type { GatewayStore, OpenStore } from "./gateway-store.ts";

export interface StoreDoorOptions {
  readonly open: OpenStore;
  readonly clock: Clock;
  /** How long a request may wait for the store. */
  readonly storeMs: number;
  /** A try to open it failed; another follows. */
  onFailure?(error: ArrieroError): void;
}

const RETRY_MS = 5_000;
/** On close: a store that is still being opened is waited for no longer. */
const CLOSE_MS = 10_000;
/** Seconds that a refused caller is told to wait. */
const RETRY_AFTER = 5;

type Trial =
  | { readonly kind: "opening"; readonly store: Promise<GatewayStore> }
  | { readonly kind: "open"; readonly store: GatewayStore }
  | { readonly kind: "failed"; readonly error: ArrieroError; readonly cancelRetry: () => void };

/** The store while it opens, is open, and closes. It opens beside the server's start, and is tried again until it does. */
export class StoreDoor {
  readonly #options: StoreDoorOptions;
  readonly #opened: Promise<GatewayStore>;
  #resolveOpened: (store: GatewayStore) => void = () => undefined;
  #rejectOpened: (error: ArrieroError) => void = () => undefined;
  readonly #onKeysEnd: (() => void)[] = [];
  #trial: Trial | null = null;
  #closed = false;

  constructor(options: StoreDoorOptions) {
    this.#options = options;
    this.#opened = new Promise((resolve, reject) => {
      this.#resolveOpened = resolve;
      this.#rejectOpened = reject;
    });
    // Who waits for it hears of it.
    this.#opened.catch(() => undefined);
  }

  /** Begins to open the store. */
  open(): void {
    const store = this.#options.open();
    this.#trial = { kind: "opening", store };
    store.then(
      (opened) => {
        this.#trial = { kind: "open", store: opened };
        if (!this.#closed) opened.ledger.start();
        this.#resolveOpened(opened);
      },
      (thrown: unknown) => {
        const error = unavailable(thrown);
        if (this.#closed) return this.#rejectOpened(error);
        this.#options.onFailure?.(error);
        this.#trial = { kind: "failed", error, cancelRetry: this.#options.clock.after(RETRY_MS, () => this.open()) };
      },
    );
  }

  /** Opens it if nobody has. */
  wake(): void {
    if (this.#trial === null && !this.#closed) this.open();
  }

  /** Whoever remembers keys hears at once when some are ended through this door; of other processes' doings it hears nothing. */
  whenKeysEnd(listener: () => void): void {
    this.#onKeysEnd.push(listener);
  }

  tellKeysEnd(): void {
    for (const listener of this.#onKeysEnd) listener();
  }

  /** Somebody wanted it open. */
  get isAwake(): boolean {
    return this.#trial !== null;
  }

  /** How it is, in a word and a sentence. */
  get health(): { readonly state: "open" | "opening" | "away"; readonly message: string } {
    const trial = this.#trial;
    if (trial?.kind === "failed") return { state: "away", message: trial.error.message };
    return trial?.kind === "open" ? { state: "open", message: "" } : { state: "opening", message: "" };
  }

  /** The store where it is open; null before. */
  get current(): GatewayStore | null {
    return this.#trial?.kind === "open" ? this.#trial.store : null;
  }

  /** Resolves once the store is open, however long and often that is tried; rejects when the server closes before. */
  whenOpen(): Promise<GatewayStore> {
    return this.#opened;
  }

  /**
   * What the store answers, within `storeMs` in all. Throws store_unavailable; at once where the last try to open it
   * failed, so that nobody queues up before a database that is away. `openingMs` instead, where it is still being opened.
   */
  ask<T>(question: (store: GatewayStore) => Promise<T>, openingMs = this.#options.storeMs): Promise<T> {
    const trial = this.#trial;
    switch (trial?.kind) {
      case undefined:
        return Promise.reject(away("The store of keys and usage is not open yet."));
      case "failed":
        return Promise.reject(away(trial.error.message));
      case "opening":
        return this.within(trial.store.then(question), openingMs);
      case "open":
        return this.within(question(trial.store));
      default:
        return trial satisfies never;
    }
  }

  /** `answer`, or store_unavailable after `patienceMs`. */
  within<T>(answer: Promise<T>, patienceMs = this.#options.storeMs): Promise<T> {
    const { clock } = this.#options;
    return new Promise((resolve, reject) => {
      const cancel = clock.after(patienceMs, () =>
        reject(away(`The store of keys and usage gave no answer within ${patienceMs} ms.`)),
      );
      answer.then(
        (value) => {
          cancel();
          resolve(value);
        },
        (thrown: unknown) => {
          cancel();
          reject(unavailable(thrown));
        },
      );
    });
  }

  /** Writes what the store still holds. Never rejects: the store logs what it could not write. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    const trial = this.#trial;
    switch (trial?.kind) {
      case "open":
        await trial.store.close().catch(() => undefined);
        return;
      case "opening":
        await this.#closeWhenOpen(trial.store);
        return;
      default:
        trial?.cancelRetry();
        this.#rejectOpened(new ArrieroError("draining", "This server is stopping."));
    }
  }

  #closeWhenOpen(opening: Promise<GatewayStore>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(CLOSE_MS, resolve);
      const closed = opening.then((store) => store.close());
      closed
        .catch(() => undefined)
        .finally(() => {
          cancel();
          resolve();
        });
    });
  }
}

function away(message: string): ArrieroError {
  return new ArrieroError("store_unavailable", message, { retryAfter: RETRY_AFTER });
}

function unavailable(thrown: unknown): ArrieroError {
  if (thrown instanceof ArrieroError) return thrown;
  // The outer message of a failed query has its text and parameters, which are no caller's to read.
  let innermost: unknown = thrown;
  while (innermost instanceof Error && innermost.cause instanceof Error) innermost = innermost.cause;
  const message = innermost instanceof Error ? innermost.message : String(innermost);
  return new ArrieroError("store_unavailable", `The database does not answer: ${message}.`, {
    cause: thrown,
    retryAfter: RETRY_AFTER,
  });
}
