import type { Clock } from "@arriero/fleet";
import type { ArrieroError } from "@arriero/spec";
import type { GatewayLimits } from "../gateway-limits.ts";

/** How often one request was broken off, and whether it may be tried once more. */
export class BreakCount {
  /** Of the last break. */
  error: ArrieroError | null = null;
  readonly #limits: Pick<GatewayLimits, "continueMs" | "continueAttempts" | "continueBreaks">;
  readonly #clock: Clock;
  #breaks = 0;
  #passes = 0;
  #passedSince = false;
  /** Breaks in a row without progress in between, first one included. */
  #fruitless = 0;
  #brokenAt: number | null = null;

  constructor(limits: Pick<GatewayLimits, "continueMs" | "continueAttempts" | "continueBreaks">, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** What is left of the time to take over; null: nothing broke yet. */
  get patienceMs(): number | null {
    return this.#brokenAt === null ? null : Math.max(0, this.#brokenAt + this.#limits.continueMs - this.#clock.now());
  }

  /** Counts a break. Whether another attempt may follow. */
  add(error: ArrieroError, progressed: boolean): boolean {
    this.error = error;
    this.#passedSince = false;
    this.#fruitless = progressed ? 1 : this.#fruitless + 1;
    this.#brokenAt = progressed || this.#brokenAt === null ? this.#clock.now() : this.#brokenAt;
    const { continueAttempts, continueBreaks, continueMs } = this.#limits;
    if (++this.#breaks >= continueBreaks || this.#fruitless >= continueAttempts) return false;
    return this.#clock.now() - this.#brokenAt <= continueMs;
  }

  /** Whether an upstream was passed over since the last break: it is there, but cannot go on with this answer. */
  get passed(): boolean {
    return this.#passedSince;
  }

  /** Counts an upstream that was passed over without an attempt. Whether another may be looked at. */
  pass(): boolean {
    this.#passedSince = true;
    return ++this.#passes < this.#limits.continueBreaks;
  }
}
