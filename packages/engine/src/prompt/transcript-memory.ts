/** A rendered text and the very tokens that stood for it when the model read and wrote it. */
interface Transcript {
  readonly text: string;
  readonly tokens: Int32Array;
}

export interface TranscriptMemoryLimits {
  readonly entries: number;
  /** Characters of all texts together. */
  readonly characters: number;
}

const DEFAULT_LIMITS: TranscriptMemoryLimits = { entries: 512, characters: 32 * 1024 * 1024 };

/**
 * Remembers the tokens of recent conversations. The next turn's text begins with the last turn's, but tokenizing it
 * anew may split the model's own words differently and lose the prefix from there on. With the remembered tokens the
 * prefix stays token-exact, and only the new turn is tokenized.
 */
export class TranscriptMemory {
  readonly #limits: TranscriptMemoryLimits;
  /** Insertion order is recency. */
  readonly #entries = new Map<string, Transcript>();
  #characters = 0;

  constructor(limits: TranscriptMemoryLimits = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  remember(text: string, tokens: Int32Array): void {
    if (text.length > this.#limits.characters) return;
    this.#forget(text);
    this.#entries.set(text, { text, tokens });
    this.#characters += text.length;
    while (this.#entries.size > this.#limits.entries || this.#characters > this.#limits.characters) {
      const [oldest] = this.#entries.keys();
      if (oldest === undefined) break;
      this.#forget(oldest);
    }
  }

  /** The longest remembered text that `text` begins with; null where none does. */
  recall(text: string): Transcript | null {
    let best: Transcript | null = null;
    for (const entry of this.#entries.values()) {
      if (entry.text.length > (best?.text.length ?? 0) && text.startsWith(entry.text)) best = entry;
    }
    return best;
  }

  #forget(text: string): void {
    if (this.#entries.delete(text)) this.#characters -= text.length;
  }
}
