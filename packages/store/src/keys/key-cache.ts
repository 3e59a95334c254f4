import type { Clock } from "../clock.ts";
import type { HeldKey } from "./api-key.ts";

export interface KeyCacheOptions {
  /** The record behind a digest, or null. Its errors are passed on and not remembered. */
  load(digest: string): Promise<HeldKey | null>;
  readonly clock: Pick<Clock, "now">;
  /** How long a record is believed: a revoked key may live so much longer. */
  readonly ttlMs?: number;
  /** How long it is believed that there is no such key. */
  readonly missMs?: number;
  /** Records kept; the least recently used leaves first. As many misses are kept apart from them. */
  readonly most?: number;
}

interface Remembered<T> {
  readonly value: T;
  readonly until: number;
}

/**
 * Records of keys by digest. Of many questions for one digest at a time one is asked. Misses live in a space of their
 * own, so that a flood of made-up keys cannot push out the real ones.
 */
export class KeyCache {
  readonly #options: Required<KeyCacheOptions>;
  readonly #records = new Map<string, Remembered<HeldKey>>();
  readonly #misses = new Map<string, Remembered<null>>();
  readonly #asked = new Map<string, Promise<HeldKey | null>>();

  constructor(options: KeyCacheOptions) {
    this.#options = { ttlMs: 30_000, missMs: 5_000, most: 10_000, ...options };
  }

  /** A record without waiting, where it is at hand and believed: what almost every request finds. */
  peek(digest: string): HeldKey | null {
    return this.#fresh(this.#records, digest)?.value ?? null;
  }

  async get(digest: string): Promise<HeldKey | null> {
    const known = this.#fresh(this.#records, digest) ?? this.#fresh(this.#misses, digest);
    if (known !== undefined) return known.value;
    const running = this.#asked.get(digest);
    if (running !== undefined) return running;
    const asked = this.#load(digest);
    this.#asked.set(digest, asked);
    return asked;
  }

  /** Forgets all, also the answers that are on their way. */
  clear(): void {
    this.#records.clear();
    this.#misses.clear();
    this.#asked.clear();
  }

  get size(): number {
    return this.#records.size + this.#misses.size;
  }

  async #load(digest: string): Promise<HeldKey | null> {
    // The clock is read before the question: an answer is as old as that.
    const { clock, load, missMs, ttlMs } = this.#options;
    const askedAt = clock.now();
    // Yields first, so that the caller has noted this question before the answer is looked at.
    await Promise.resolve();
    const own = this.#asked.get(digest);
    try {
      const record = await load(digest);
      if (this.#asked.get(digest) === own) {
        if (record === null) this.#remember(this.#misses, digest, { value: null, until: askedAt + missMs });
        else this.#remember(this.#records, digest, { value: record, until: askedAt + ttlMs });
      }
      return record;
    } finally {
      if (this.#asked.get(digest) === own) this.#asked.delete(digest);
    }
  }

  /** Maps keep the order of insertion: what was used moves to the end, what leaves is at the front. */
  #fresh<T>(space: Map<string, Remembered<T>>, digest: string): Remembered<T> | undefined {
    const found = space.get(digest);
    if (found === undefined) return undefined;
    space.delete(digest);
    if (found.until <= this.#options.clock.now()) return undefined;
    space.set(digest, found);
    return found;
  }

  #remember<T>(space: Map<string, Remembered<T>>, digest: string, value: Remembered<T>): void {
    space.delete(digest);
    space.set(digest, value);
    for (const oldest of space.keys()) {
      if (space.size <= this.#options.most) return;
      space.delete(oldest);
    }
  }
}
