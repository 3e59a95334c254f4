import { commonLength } from "./prefix-tree.ts";

/** A prefix whose cells were copied out of the KV cache into ordinary memory. */
export interface ParkedPrefix {
  readonly adapter: string;
  readonly tokens: Int32Array;
  readonly cells: Uint8Array;
}

/** Prefixes looked at for one request at most; bounds the search, and with it how many are kept. */
const MAX_PREFIXES = 1024;
/** A continuation may differ from what it continues in its last few tokens: templates close a turn differently. */
const NEARLY = 32;

/**
 * Prefixes that nobody uses at the moment, out of the way of those that run: a decode step looks at every cell in use,
 * so thousands of idle ones make it slower. Bringing one back costs a copy, computing it again hundreds of times more.
 * Bounded in bytes; the least recently parked goes first.
 */
export class ParkedPrefixes {
  /** Least recently parked first. */
  readonly #prefixes = new Set<ParkedPrefix>();
  readonly #limit: number;
  #bytes = 0;

  /** @param limit bytes of cells at most; 0 keeps none */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Tokens of all prefixes together. */
  get tokens(): number {
    let tokens = 0;
    for (const prefix of this.#prefixes) tokens += prefix.tokens.length;
    return tokens;
  }

  /** Whether a prefix of this many bytes may be put. */
  takes(bytes: number): boolean {
    return bytes <= this.#limit;
  }

  put(prefix: ParkedPrefix): void {
    if (!this.takes(prefix.cells.length)) return;
    // What went on from an earlier one replaces it.
    for (const earlier of this.#prefixes) {
      const shared =
        earlier.adapter === prefix.adapter ? commonLength(earlier.tokens, 0, prefix.tokens, 0, earlier.tokens.length) : 0;
      if (shared >= earlier.tokens.length - NEARLY) this.remove(earlier);
    }
    this.#prefixes.add(prefix);
    this.#bytes += prefix.cells.length;
    for (const oldest of this.#prefixes) {
      if (this.#bytes <= this.#limit && this.#prefixes.size <= MAX_PREFIXES) break;
      this.remove(oldest);
    }
  }

  /** The prefix that shares most with `tokens`, and how many of at most `limit` tokens it shares. */
  best(adapter: string, tokens: Int32Array, limit: number): { readonly prefix: ParkedPrefix; readonly length: number } | null {
    let found: { prefix: ParkedPrefix; length: number } | null = null;
    for (const prefix of this.#prefixes) {
      if (prefix.adapter !== adapter) continue;
      const length = commonLength(prefix.tokens, 0, tokens, 0, limit);
      if (length > (found?.length ?? 0)) found = { prefix, length };
    }
    return found;
  }

  remove(prefix: ParkedPrefix): void {
    if (this.#prefixes.delete(prefix)) this.#bytes -= prefix.cells.length;
  }

  /** Most recently parked first. */
  all(): ParkedPrefix[] {
    return [...this.#prefixes].reverse();
  }
}
