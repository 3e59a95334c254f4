import type { Clock } from "@arriero/fleet";
import { ArrieroError } from "@arriero/spec";

export interface TryLimitOptions {
  readonly clock: Pick<Clock, "now">;
  /** Tries within `windowMs`. */
  readonly most: number;
  readonly windowMs: number;
}

/** Names remembered; the one tried longest ago leaves first. */
const MOST_NAMES = 20_000;

/** How often something may be tried under a name: an address, an e-mail. */
export class TryLimit {
  readonly #options: TryLimitOptions;
  readonly #tries = new Map<string, readonly number[]>();

  constructor(options: TryLimitOptions) {
    this.#options = options;
  }

  /** Counts one try. Throws rate_limited, and then counts nothing. */
  enter(name: string): void {
    const { clock, most, windowMs } = this.#options;
    const now = clock.now();
    const recent = (this.#tries.get(name) ?? []).filter((at) => at > now - windowMs);
    if (recent.length >= most) {
      const retryAfter = Math.max(1, Math.ceil((recent[0]! + windowMs - now) / 1000));
      throw new ArrieroError("rate_limited", `${most} tries within ${windowMs / 60_000} minutes are the limit.`, { retryAfter });
    }
    this.#tries.delete(name);
    this.#tries.set(name, [...recent, now]);
    const oldest = this.#tries.keys().next();
    if (this.#tries.size > MOST_NAMES && !oldest.done) this.#tries.delete(oldest.value);
  }

  /** It succeeded: what was tried before does not count against it. */
  forget(name: string): void {
    this.#tries.delete(name);
  }
}
