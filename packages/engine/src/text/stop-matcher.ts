export interface StopStep {
  /** Text that belongs to the output for certain. */
  readonly release: string;
  /** The stop sequence found; nothing after it is ever released. */
  readonly matched: string | null;
}

/**
 * Finds stop sequences in text that arrives in pieces. What is found depends on the text alone, never on the pieces:
 * the match that starts first wins, and of those that start together the longest. So text is held back while it could
 * still become a stop, or a longer one; at most one character less than the longest stop.
 */
export class StopMatcher {
  readonly #stops: readonly string[];
  /** First UTF-16 units of the stops: nothing else can begin a match. */
  readonly #firsts: ReadonlySet<string>;
  #held = "";
  #matched: string | null = null;

  /** Empty stop sequences are ignored. */
  constructor(stops: readonly string[]) {
    this.#stops = [...new Set(stops)].filter((stop) => stop !== "").sort((a, b) => b.length - a.length);
    this.#firsts = new Set(this.#stops.map((stop) => stop[0]!));
  }

  get matched(): string | null {
    return this.#matched;
  }

  feed(text: string): StopStep {
    return this.#advance(text, false);
  }

  /** No more text comes: a stop that waited for a longer one counts, anything else held is output. */
  finish(): StopStep {
    return this.#advance("", true);
  }

  #advance(text: string, last: boolean): StopStep {
    if (this.#matched !== null) return { release: "", matched: this.#matched };
    if (this.#stops.length === 0) return { release: text, matched: null };
    const all = this.#held + text;
    for (let at = 0; at < all.length; at++) {
      if (!this.#firsts.has(all[at]!)) continue;
      if (!last && this.#stops.some((stop) => stop.length > all.length - at && stop.startsWith(all.slice(at)))) {
        this.#held = all.slice(at);
        return { release: all.slice(0, at), matched: null };
      }
      const found = this.#stops.find((stop) => all.startsWith(stop, at));
      if (found !== undefined) {
        this.#held = "";
        this.#matched = found;
        return { release: all.slice(0, at), matched: found };
      }
    }
    this.#held = "";
    return { release: all, matched: null };
  }
}
