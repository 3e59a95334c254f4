import type { HeldPrefixes, PrefixMark } from "@arriero/spec";

/** Marks kept of one place at most; of more, those noted first leave. */
const MOST_MARKS = 8192;
const FORGOTTEN_TOGETHER = 512;
/** A place that tells nothing is believed for this long to hold what it was sent. */
const GUESS_MS = 300_000;

interface Held {
  tokens: number;
  /** When it was sent there, or told by it. */
  at: number;
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

  /** A prompt was sent there. @param promptTokens estimated */
  sent(marks: readonly PrefixMark[], promptTokens: number, now: number): void {
    for (const { key, share } of marks) this.#note(key, Math.round(share * promptTokens), now);
  }

  /** It says what it holds. @param askedAt what was sent since may not be in it yet, and stays */
  told({ adapters, prefixes }: HeldPrefixes, askedAt: number): void {
    this.#tells = true;
    this.adapters = adapters;
    for (const [key, { at }] of this.#marks) if (at < askedAt) this.#marks.delete(key);
    for (const { key, tokens } of prefixes) this.#note(key, tokens, Math.max(askedAt, this.#marks.get(key)?.at ?? 0));
  }

  /** It did not answer in time: what is known of it grows old. */
  fellSilent(): void {
    this.#tells = false;
  }

  #note(key: string, tokens: number, at: number): void {
    const held = this.#marks.get(key);
    if (held !== undefined) {
      held.tokens = tokens;
      held.at = at;
      return;
    }
    this.#marks.set(key, { tokens, at });
    if (this.#marks.size > MOST_MARKS) this.#forget();
  }

  /** Many at a time: to find a map's first key costs as much as keys were removed before it. */
  #forget(): void {
    for (const oldest of this.#marks.keys()) {
      this.#marks.delete(oldest);
      if (this.#marks.size <= MOST_MARKS - FORGOTTEN_TOGETHER) return;
    }
  }
}
