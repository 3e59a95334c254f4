import type { Strategy } from "./continuation-strategy.ts";

const NONE: ReadonlySet<Strategy> = new Set();

/** The ways of taking up one answer that were tried in vain, by upstream. Bounded by the attempts of a request. */
export class FailedWays {
  readonly #failed = new Map<string, Set<Strategy>>();

  of(id: string): ReadonlySet<Strategy> {
    return this.#failed.get(id) ?? NONE;
  }

  add(id: string, strategy: Strategy): void {
    const failed = this.#failed.get(id);
    if (failed === undefined) this.#failed.set(id, new Set([strategy]));
    else failed.add(strategy);
  }
}
