import type { GenerationEvent } from "@arriero/spec";

export interface AnswerCacheOptions {
  /** Of all answers together, in memory. 0: none is kept. */
  readonly bytes: number;
  /** An answer is given again for this long after it was made. */
  readonly maxAgeMs: number;
  readonly clock: { now(): number };
}

interface Kept {
  /** Its events as JSON. */
  readonly text: string;
  readonly bytes: number;
  readonly madeAt: number;
}

/** A string costs at most two bytes a character; the rest of an entry is small. */
const ENTRY_BYTES = 256;
const CHAR_BYTES = 2;
/** One answer takes at most this part of the cache. */
const LARGEST_PART = 1 / 16;

/** Whole answers by key; what was used least recently leaves first. */
export class AnswerCache {
  readonly #options: AnswerCacheOptions;
  /** Least recently used first. */
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(options: AnswerCacheOptions) {
    this.#options = options;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** null: there is none, or it is too old. */
  find(key: string): readonly GenerationEvent[] | null {
    const kept = this.#kept.get(key);
    if (kept === undefined) return null;
    this.#drop(key, kept);
    if (this.#options.clock.now() - kept.madeAt >= this.#options.maxAgeMs) return null;
    this.#put(key, kept);
    return JSON.parse(kept.text) as GenerationEvent[];
  }

  /** Takes part in making an answer: told its events, it keeps them once the answer is whole. */
  recorder(key: string): AnswerRecorder {
    const most = this.#options.bytes * LARGEST_PART;
    return new AnswerRecorder(most / CHAR_BYTES, (text) => {
      const bytes = text.length * CHAR_BYTES + ENTRY_BYTES;
      if (bytes > most) return;
      const before = this.#kept.get(key);
      if (before !== undefined) this.#drop(key, before);
      this.#put(key, { text, bytes, madeAt: this.#options.clock.now() });
      for (const [oldest, entry] of this.#kept) {
        if (this.#bytes <= this.#options.bytes) break;
        this.#drop(oldest, entry);
      }
    });
  }

  #put(key: string, entry: Kept): void {
    this.#kept.set(key, entry);
    this.#bytes += entry.bytes;
  }

  #drop(key: string, entry: Kept): void {
    this.#kept.delete(key);
    this.#bytes -= entry.bytes;
  }
}

/** Collects one answer. What breaks off, or is too long, is never kept. */
export class AnswerRecorder {
  readonly #mostChars: number;
  readonly #keep: (text: string) => void;
  #parts: string[] | null = [];
  #chars = 2;

  constructor(mostChars: number, keep: (text: string) => void) {
    this.#mostChars = mostChars;
    this.#keep = keep;
  }

  add(event: GenerationEvent): void {
    if (this.#parts === null) return;
    const spoilt = event.type === "error" || (event.type === "finish" && event.reason === "cancelled");
    const part = JSON.stringify(event);
    this.#chars += part.length + 1;
    if (spoilt || this.#chars > this.#mostChars) {
      this.#parts = null;
      return;
    }
    this.#parts.push(part);
    if (event.type !== "usage") return;
    this.#keep(`[${this.#parts.join(",")}]`);
    this.#parts = null;
  }
}
