import type { PrefixMark } from "@arriero/spec";

export interface MarkedPrompt {
  readonly adapter: string;
  readonly tokens: Int32Array;
  /** Shortest first. */
  readonly marks: readonly PrefixMark[];
}

/** Prompts remembered; each is looked up in the tree when the gateway asks, between two steps. */
const MOST_PROMPTS = 128;

/** The prompts that came with marks, the latest of each conversation. What is still held of them only the cache knows. */
export class MarkedPrompts {
  /** By the key of the last mark, least recently used first. */
  readonly #byEnd = new Map<string, MarkedPrompt>();

  add(prompt: MarkedPrompt): void {
    const end = prompt.marks.at(-1);
    if (end === undefined) return;
    // What this one goes on from is part of it.
    for (const { key } of prompt.marks) this.#byEnd.delete(key);
    this.#byEnd.set(end.key, prompt);
    for (const oldest of this.#byEnd.keys()) {
      if (this.#byEnd.size <= MOST_PROMPTS) return;
      this.#byEnd.delete(oldest);
    }
  }

  all(): MarkedPrompt[] {
    return [...this.#byEnd.values()];
  }
}

/**
 * The marks that are held when `held[i]` tokens of prompt i are. A prompt's last token counts as held with those before it:
 * it is always computed again.
 */
export function heldMarks(prompts: readonly MarkedPrompt[], held: readonly number[]): { key: string; tokens: number }[] {
  const longest = new Map<string, number>();
  for (const [index, { marks, tokens }] of prompts.entries()) {
    for (const { key, share } of marks) {
      const length = Math.round(share * tokens.length);
      if (length > 0 && length - 1 <= (held[index] ?? 0)) longest.set(key, Math.max(longest.get(key) ?? 0, length));
    }
  }
  return [...longest].map(([key, tokens]) => ({ key, tokens }));
}
