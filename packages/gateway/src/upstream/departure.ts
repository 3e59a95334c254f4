import type { Clock } from "@arriero/fleet";
import type { LentUpstream } from "./continuation.ts";

/** Between two looks for somebody who takes the stream over. */
const LOOK_EVERY_MS = 250;

export interface DepartureOptions {
  /** Aborted when the upstream will be gone soon; undefined: nobody would tell. */
  readonly notice: AbortSignal | undefined;
  readonly caller: AbortSignal;
  readonly clock: Clock;
  /** Somebody who can take the stream over as it stands now, lent; null: nobody at the moment. */
  find(): Promise<LentUpstream | null>;
}

/**
 * Moves a stream off an upstream that is under notice: looks for a successor until there is one, and only then ends the
 * attempt. So a stream that nobody else can go on with stays, and may still end by itself before its upstream does.
 */
export class Departure {
  /** Ends the attempt: the caller left, or a successor waits. */
  readonly signal: AbortSignal;
  readonly #options: DepartureOptions;
  readonly #controller = new AbortController();
  #next: LentUpstream | null = null;
  #over = false;
  #cancelLook: () => void = () => undefined;
  readonly #onNotice = (): void => void this.#look();
  readonly #onCaller = (): void => this.#controller.abort(this.#options.caller.reason);

  constructor(options: DepartureOptions) {
    this.#options = options;
    const { caller, notice } = options;
    if (notice === undefined) {
      this.signal = caller;
      return;
    }
    this.signal = this.#controller.signal;
    if (caller.aborted) this.#onCaller();
    else caller.addEventListener("abort", this.#onCaller, { once: true });
    if (notice.aborted) void this.#look();
    else notice.addEventListener("abort", this.#onNotice, { once: true });
  }

  /** The successor for whose sake the attempt was ended; whoever takes it releases it. */
  take(): LentUpstream | null {
    const next = this.#next;
    this.#next = null;
    return next;
  }

  /** The attempt is over. A successor that was not taken is let go. */
  end(): void {
    this.#over = true;
    this.#cancelLook();
    this.#options.caller.removeEventListener("abort", this.#onCaller);
    this.#options.notice?.removeEventListener("abort", this.#onNotice);
    this.take()?.release();
  }

  async #look(): Promise<void> {
    const { caller, clock } = this.#options;
    const found = await this.#options.find().catch(() => null);
    if (this.#over || caller.aborted) {
      found?.release();
      return;
    }
    if (found === null) {
      this.#cancelLook = clock.after(LOOK_EVERY_MS, () => void this.#look());
      return;
    }
    this.#next = found;
    this.#controller.abort();
  }
}
