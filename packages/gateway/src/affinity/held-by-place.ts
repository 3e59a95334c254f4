import type { HeldPrefixes, PrefixMark } from "@arriero/spec";

/** Marks kept of one place at most; of more, those noted first leave. */
const MOST_MARKS = 8192;
const FORGOTTEN_TOGETHER = 512;
/** A place that tells nothing is believed for this long to hold what it was sent. */
const GUESS_MS = 300_000;

/** A beginning of a prompt, and how many tokens it is. */
export interface HeldMark {
  readonly key: string;
  readonly tokens: number;
}

interface Held {
  tokens: number;
  /** When it was sent there, or told by it. */
  at: number;
  /** When other gateways were told. */
  toldAt: number;
}

/**
 * What one place holds of prompts: what it was sent, until it tells better. A mark names a whole beginning, so that these
 * keys are the nodes of a prefix tree, each with its way from the root in it.
 */
export class HeldByPlace {
  /** In the order in which they were first noted. */
  readonly #marks = new Map<string, Held>();
  /** It told what it holds: what it did not name is gone. */
  #tells = false;
  adapters: readonly string[] = [];
  /** The stored model that it serves, of a replica of ours; else null. */
  readonly model: string | null;

  constructor(model: string | null) {
    this.model = model;
  }

  get size(): number {
    return this.#marks.size;
  }

  /** Tokens of the longest beginning held. */
  tokensHeld(marks: readonly PrefixMark[], now: number): number {
    for (let index = marks.length - 1; index >= 0; index--) {
      const held = this.#marks.get(marks[index]!.key);
      if (held !== undefined && (this.#tells || now - held.at <= GUESS_MS)) return held.tokens;
    }
    return 0;
  }

  /** A prompt was sent there. @param promptTokens estimated @returns what was not known before, or not lately */
  sent(marks: readonly PrefixMark[], promptTokens: number, now: number): HeldMark[] {
    const news: HeldMark[] = [];
    for (const { key, share } of marks) {
      const held = this.#note(key, Math.round(share * promptTokens), now);
      if (now - held.toldAt <= GUESS_MS / 2) continue;
      held.toldAt = now;
      news.push({ key, tokens: held.tokens });
    }
    return news;
  }

  /**
   * It says what it holds.
   * @param askedAt what was sent since may not be in it yet, and stays
   * @returns the names of what is gone
   */
  told({ adapters, prefixes }: HeldPrefixes, askedAt: number): string[] {
    this.#tells = true;
    this.adapters = adapters;
    const gone = new Set<string>();
    for (const [key, { at }] of this.#marks) if (at < askedAt) gone.add(key);
    for (const { key, tokens } of prefixes) {
      gone.delete(key);
      this.#note(key, tokens, Math.max(askedAt, this.#marks.get(key)?.at ?? 0));
    }
    for (const key of gone) this.#marks.delete(key);
    return [...gone];
  }

  /** Another gateway knows of it. @param at when it came to know */
  heard(held: readonly HeldMark[], dropped: readonly string[], at: number): void {
    for (const { key, tokens } of held) this.#note(key, tokens, Math.max(at, this.#marks.get(key)?.at ?? 0)).toldAt = at;
    for (const key of dropped) if ((this.#marks.get(key)?.at ?? Number.POSITIVE_INFINITY) <= at) this.#marks.delete(key);
  }

  /** It did not answer in time: what is known of it grows old. */
  fellSilent(): void {
    this.#tells = false;
  }

  #note(key: string, tokens: number, at: number): Held {
    const known = this.#marks.get(key);
    if (known !== undefined) {
      known.tokens = tokens;
      known.at = at;
      return known;
    }
    const held = { tokens, at, toldAt: Number.NEGATIVE_INFINITY };
    this.#marks.set(key, held);
    if (this.#marks.size > MOST_MARKS) this.#forget();
    return held;
  }

  /** Many at a time: to find a map's first key costs as much as keys were removed before it. */
  #forget(): void {
    for (const oldest of this.#marks.keys()) {
      this.#marks.delete(oldest);
      if (this.#marks.size <= MOST_MARKS - FORGOTTEN_TOGETHER) return;
    }
  }
}
