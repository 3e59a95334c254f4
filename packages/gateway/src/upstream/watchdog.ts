import type { Clock } from "@arriero/fleet";

/** A bound on one wait at a time. When it is exceeded the signal aborts with the error given. */
export class Watchdog {
  readonly #clock: Clock;
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal;
  readonly #onCaller: () => void;
  #cancel: () => void = () => undefined;

  /** Also aborts when the caller's signal does, with its reason. */
  constructor(clock: Clock, caller: AbortSignal) {
    this.#clock = clock;
    this.#caller = caller;
    this.#onCaller = () => this.#controller.abort(caller.reason);
    if (caller.aborted) this.#onCaller();
    else caller.addEventListener("abort", this.#onCaller, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Starts a wait of at most `ms`; an earlier one ends. */
  arm(ms: number, error: () => Error): void {
    this.#cancel();
    this.#cancel = this.#clock.after(ms, () => this.#controller.abort(error()));
  }

  disarm(): void {
    this.#cancel();
    this.#cancel = () => undefined;
  }

  /** Ends everything; the signal never aborts afterwards. */
  release(): void {
    this.disarm();
    this.#caller.removeEventListener("abort", this.#onCaller);
  }
}
