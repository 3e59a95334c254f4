import { ArrieroError } from "@arriero/spec";
import type { BegunRequest, LedgerEntry } from "@arriero/store";
import type { StoreDoor } from "../store/store-door.ts";

/** Requests that may wait for a store that is still opening. */
const MOST_WAITING = 10_000;

export interface OpenedEntry {
  /** The entry itself where there was room at once. */
  readonly entry: LedgerEntry | Promise<LedgerEntry>;
  /** When the request may go on; rejects with store_unavailable. null: now. */
  readonly accepted: Promise<void> | null;
}

/** The ledger behind the door. */
export class RequestLedger {
  readonly #door: StoreDoor;
  readonly #onForgotten: () => void;
  #waiting = 0;

  /** @param onForgotten a request was served that will be in no ledger */
  constructor(door: StoreDoor, onForgotten: () => void) {
    this.#door = door;
    this.#onForgotten = onForgotten;
  }

  /**
   * A place for a request. An open ledger takes it at once, or holds the request back while too much is unwritten. Before
   * the store has opened, callers who need no key of it go on, and are noted when it has.
   */
  open(request: BegunRequest, signal: AbortSignal): OpenedEntry {
    const store = this.#door.current;
    if (store === null) return { entry: this.#later(request), accepted: null };
    const taken = store.ledger.tryBegin(request);
    if (taken !== null) return { entry: taken, accepted: null };
    const stop = new AbortController();
    const leave = (): void => stop.abort(signal.reason);
    signal.addEventListener("abort", leave, { once: true });
    const entry = store.ledger.begin(request, stop.signal);
    const accepted = this.#door.within(entry).then(
      () => signal.removeEventListener("abort", leave),
      (thrown: unknown) => {
        // Its place in the queue must not be kept for a request that is refused.
        stop.abort(thrown);
        throw thrown;
      },
    );
    return { entry, accepted };
  }

  #later(request: BegunRequest): Promise<LedgerEntry> {
    if (this.#waiting >= MOST_WAITING) {
      this.#onForgotten();
      return Promise.reject(new ArrieroError("store_unavailable", "Too many requests wait for the ledger."));
    }
    this.#waiting++;
    return this.#door
      .whenOpen()
      .then((store) => store.ledger.begin(request))
      .finally(() => {
        this.#waiting--;
      });
  }
}
