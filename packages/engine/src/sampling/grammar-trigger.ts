/** Bytes of the output's end that are looked at: far more than any mark that opens a tool call. */
const WINDOW = 512;

/**
 * Watches an output for the place where a lazy grammar sets in. It works on bytes, one character each, so that tokens
 * which end inside a character change nothing. Its cost per token does not grow with the output.
 */
export class GrammarTrigger {
  readonly #patterns: readonly RegExp[];
  #tail = "";
  #whole = true;

  /** @param patterns regular expressions whose first group begins where the grammar sets in; `^` is the output's start */
  constructor(patterns: readonly string[]) {
    this.#patterns = patterns.map((pattern) => new RegExp(Buffer.from(pattern, "utf8").toString("latin1"), "d"));
  }

  /** The next token's bytes. Returns the output from the grammar's first character on, where this token completes a pattern. */
  feed(piece: Uint8Array): Uint8Array | null {
    this.#tail += Buffer.from(piece).toString("latin1");
    for (const pattern of this.#patterns) {
      if (!this.#whole && pattern.source.startsWith("^")) continue;
      const found = pattern.exec(this.#tail);
      if (found === null) continue;
      const start = found.indices?.[1]?.[0] ?? found.index;
      const rest = Buffer.from(this.#tail.slice(start), "latin1");
      this.#tail = "";
      this.#whole = false;
      return rest;
    }
    if (this.#tail.length > WINDOW) {
      this.#tail = this.#tail.slice(-WINDOW);
      this.#whole = false;
    }
    return null;
  }
}
