import type { Clock } from "@arriero/fleet";

/**
 * A bound on one wait at a time, for waits that begin anew with every piece of a stream: moving it later costs no timer.
 * The timer that runs looks again when it fires.
 */
export class Deadline {
  readonly #clock: Clock;
  /** When the wait is too long; null: nothing is waited for. */
  #due: number | null = null;
  #late: () => void = () => undefined;
  #firesAt = Number.POSITIVE_INFINITY;
  #cancel: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Starts a wait of at most `ms`; an earlier one ends. */
  arm(ms: number, late: () => void): void {
    this.#due = this.#clock.now() + ms;
    this.#late = late;
    if (this.#cancel === null || this.#firesAt > this.#due) this.#schedule(ms);
  }

  disarm(): void {
    this.#due = null;
  }

  /** Lets go of the timer. */
  close(): void {
    this.#due = null;
    this.#cancel?.();
    this.#cancel = null;
  }

  #schedule(ms: number): void {
    this.#cancel?.();
    this.#firesAt = this.#clock.now() + ms;
    this.#cancel = this.#clock.after(ms, () => this.#fired());
  }

  #fired(): void {
    this.#cancel = null;
    if (this.#due === null) return;
    const left = this.#due - this.#clock.now();
    if (left > 0) this.#schedule(left);
    else this.#late();
  }
}
