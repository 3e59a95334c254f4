/**
 * Takes a stop sequence off the end of a text that comes in pieces and holds it: what may be the beginning of one is held
 * back until more has come.
 */
export class StopCut {
  readonly #stop: readonly string[];
  #held = "";

  constructor(stop: readonly string[]) {
    this.#stop = stop;
  }

  /** What may be passed on. */
  push(piece: string): string {
    const text = this.#held + piece;
    const kept = Math.max(0, ...this.#stop.map((stop) => tail(text, stop)));
    this.#held = text.slice(text.length - kept);
    return text.slice(0, text.length - kept);
  }

  /** The rest of the text, and the stop sequence that ended it; null: it ended of itself. */
  end(): { readonly text: string; readonly stop: string | null } {
    const stop = this.#stop.find((each) => this.#held.endsWith(each)) ?? null;
    return { text: stop === null ? this.#held : this.#held.slice(0, this.#held.length - stop.length), stop };
  }
}

/** How much of the text's end is the beginning of the stop sequence, or all of it. */
function tail(text: string, stop: string): number {
  for (let length = Math.min(text.length, stop.length); length > 0; length--) {
    if (stop.startsWith(text.slice(text.length - length))) return length;
  }
  return 0;
}
