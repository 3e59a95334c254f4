import type { LogEntry, PlacedEntry } from "@arriero/store";

/** Entries kept of each generation: a minute's worth. */
const MOST_KEPT = 300;

interface Line {
  entries: PlacedEntry[];
  readonly waiting: Set<() => void>;
}

/** What this gateway has written lately, so that its own watchers need not ask the database for it. */
export class RecentEntries {
  readonly #lines = new Map<string, Line>();

  /** @param firstSeq of the first entry; -1: its end, whose place the store has chosen: watchers are woken to look */
  add(id: string, firstSeq: number, entries: readonly LogEntry[]): void {
    const line = this.#line(id);
    if (firstSeq < 0) line.entries = [];
    else line.entries.push(...entries.map((entry, index) => ({ seq: firstSeq + index, entry })));
    if (line.entries.length > MOST_KEPT) line.entries = line.entries.slice(-MOST_KEPT);
    for (const wake of [...line.waiting]) wake();
  }

  /** Those behind `seq`, where all of them are here; null: ask the database. */
  since(id: string, seq: number): readonly PlacedEntry[] | null {
    const entries = this.#lines.get(id)?.entries ?? [];
    const first = entries[0]?.seq;
    return first === undefined || first > seq + 1 ? null : entries.filter((placed) => placed.seq > seq);
  }

  /** Resolves when something may have come behind `seq`, when the watcher leaves, or when `timer` fires. */
  changed(id: string, seq: number, signal: AbortSignal, timer: (wake: () => void) => () => void): Promise<void> {
    if ((this.since(id, seq)?.length ?? 0) > 0 || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const line = this.#line(id);
      const wake = (): void => {
        line.waiting.delete(wake);
        if (line.waiting.size === 0 && line.entries.length === 0) this.#lines.delete(id);
        signal.removeEventListener("abort", wake);
        cancel();
        resolve();
      };
      const cancel = timer(wake);
      line.waiting.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }

  /** The generation does not run here any more. */
  end(id: string): void {
    const line = this.#lines.get(id);
    this.#lines.delete(id);
    for (const wake of [...(line?.waiting ?? [])]) wake();
  }

  get size(): number {
    return this.#lines.size;
  }

  #line(id: string): Line {
    const known = this.#lines.get(id);
    if (known !== undefined) return known;
    const line: Line = { entries: [], waiting: new Set() };
    this.#lines.set(id, line);
    return line;
  }
}
