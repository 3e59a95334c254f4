import type { page } from "@arriero/spec";
import { follow, type LiveText, NOTHING_YET } from "./live-text.ts";
import { beat, type Pulse, restingPulse } from "./pulse.ts";
import { watchGeneration } from "./watch-generation.ts";

export interface LiveAnswer {
  readonly live: LiveText;
  readonly pulse: Pulse;
}

interface Entry {
  answer: LiveAnswer;
  close: () => void;
}

interface Listener {
  onEnd: (message: page.Message) => void;
  onRefused: () => void;
}

/** How often the page draws a growing answer: often enough to read along, seldom enough to type beside it. */
const DRAW_MS = 60;

/** The answers being written in one conversation. Updates are gathered and shown together. */
export class LiveAnswers {
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Set<() => void>();
  readonly #on: Listener;
  #drawing: ReturnType<typeof setTimeout> | undefined;

  constructor(on: Listener) {
    this.#on = on;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly read = (generationId: string | null): LiveAnswer | undefined =>
    generationId === null ? undefined : this.#entries.get(generationId)?.answer;

  /** Watches exactly these; what is no longer among them is let go. */
  watch(wanted: readonly { generationId: string; text: string; reasoning: string }[]): void {
    const ids = new Set(wanted.map((one) => one.generationId));
    for (const [id, entry] of this.#entries) {
      if (ids.has(id)) continue;
      entry.close();
      this.#entries.delete(id);
    }
    for (const { generationId, text, reasoning } of wanted) {
      if (this.#entries.has(generationId)) continue;
      const close = watchGeneration(generationId, {
        onUpdate: (update) => this.#take(generationId, update),
        onRefused: () => this.#on.onRefused(),
      });
      const live = { ...NOTHING_YET, text, reasoning };
      this.#entries.set(generationId, { close, answer: { live, pulse: restingPulse(performance.now()) } });
    }
  }

  close(): void {
    clearTimeout(this.#drawing);
    this.watch([]);
  }

  #take(id: string, update: page.GenerationUpdate): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    const { live, pulse } = entry.answer;
    const count = update.type === "delta" ? 1 : 0;
    entry.answer = { live: follow(live, update), pulse: beat(pulse, performance.now(), count) };
    if (update.type === "end") {
      this.#on.onEnd(update.message);
      this.#tell();
    } else {
      this.#drawing ??= setTimeout(() => this.#tell(), DRAW_MS);
    }
  }

  #tell(): void {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    for (const listener of this.#listeners) listener();
  }
}
