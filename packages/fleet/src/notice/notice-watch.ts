import type { Clock } from "../clock.ts";
import type { NoticeSource } from "./notice-source.ts";

/** AWS gives two minutes, Google Cloud and Azure thirty seconds: asked so often, little of it is lost. */
const NOTICE_EVERY_MS = 2_000;

/**
 * Asks a source again and again while somebody has work on the machine. A source that fails to answer changes nothing:
 * what was announced stays so until the source itself takes it back.
 */
export class NoticeWatch {
  readonly #source: NoticeSource;
  readonly #clock: Clock;
  readonly #everyMs: number;
  #notice = new AbortController();
  #holders = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | null = null;
  #cancel: () => void = () => undefined;

  constructor(source: NoticeSource, clock: Clock, everyMs: number = NOTICE_EVERY_MS) {
    this.#source = source;
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  /** The machine is going: nothing new should go there. */
  get isPending(): boolean {
    return this.#notice.signal.aborted;
  }

  /** Aborted when the machine's end is announced. */
  get signal(): AbortSignal {
    return this.#notice.signal;
  }

  /** Resolves once it was asked lately. */
  async fresh(): Promise<void> {
    if (this.#clock.now() - this.#askedAt >= this.#everyMs) await this.#ask();
  }

  /** Work begins on the machine; the function returned says that it has ended. */
  hold(): () => void {
    this.#holders++;
    if (this.#holders === 1) this.#next(0);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      if (--this.#holders === 0) this.#cancel();
    };
  }

  #next(ms: number): void {
    this.#cancel();
    this.#cancel = this.#clock.after(ms, () => void this.#ask().then(() => this.#holders > 0 && this.#next(this.#everyMs)));
  }

  #ask(): Promise<void> {
    this.#asking ??= this.#askNow().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #askNow(): Promise<void> {
    this.#askedAt = this.#clock.now();
    try {
      const notice = await this.#source();
      if (notice !== null) this.#notice.abort();
      else if (this.isPending) this.#notice = new AbortController();
    } catch {
      // It could not be asked: the next time may do.
    }
  }
}
