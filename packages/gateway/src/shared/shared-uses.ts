import type { Clock } from "@arriero/fleet";
import type { SharedUse, UseSharing } from "../limits/use-report.ts";
import type { RedisLink } from "./redis-link.ts";
import { type KeyReport, useCommand, useStandings } from "./use-script.ts";

/** Between two reports. What other gateways let in within this time and one way to Redis and back is what a key may go over. */
const REPORT_MS = 20;
/** Keys of one report; more wait for the next. */
const KEYS_TOGETHER = 128;

/** Tells Redis in bulk what keys used here, and hears how they stand with what other gateways told. Nobody waits for it. */
export class SharedUses implements UseSharing {
  readonly #link: Pick<RedisLink, "isUp" | "send">;
  readonly #clock: Clock;
  /** By key, those that have something to tell. Bounded by the keys that limits are kept of. */
  readonly #noted = new Map<string, SharedUse>();
  #cancelTimer: (() => void) | null = null;
  #telling = false;
  #closed = false;

  constructor(link: Pick<RedisLink, "isUp" | "send">, clock: Clock) {
    this.#link = link;
    this.#clock = clock;
  }

  noted(keyId: string, use: SharedUse): void {
    if (this.#noted.size > 0 && this.#noted.get(keyId) === use) return;
    this.#noted.set(keyId, use);
    this.#soon();
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }

  #soon(): void {
    if (this.#telling || this.#closed) return;
    this.#cancelTimer ??= this.#clock.after(REPORT_MS, () => {
      this.#cancelTimer = null;
      void this.#tell();
    });
  }

  async #tell(): Promise<void> {
    this.#telling = true;
    const uses: SharedUse[] = [];
    const reports: KeyReport[] = [];
    for (const [keyId, use] of this.#noted) {
      if (reports.length === KEYS_TOGETHER) break;
      this.#noted.delete(keyId);
      uses.push(use);
      reports.push([keyId, use.report()]);
    }
    try {
      const standings = this.#link.isUp ? useStandings(await this.#link.send(useCommand(reports)), reports) : [];
      for (const [index, use] of uses.entries()) use.heard(standings[index] ?? null);
    } catch {
      // The link says what is wrong. What was in the report is lost for the others: a minute later nobody misses it in the
      // buckets, and the ledger has it for the sums.
      for (const use of uses) use.heard(null);
    }
    this.#telling = false;
    if (this.#noted.size > 0) this.#soon();
  }
}
