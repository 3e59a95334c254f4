import type { Clock } from "@arriero/fleet";
import { ArrieroError, type GenerationEvent } from "@arriero/spec";
import type { LogEntry, PeopleStore, Piece } from "@arriero/store";
import { addPiece } from "./pieces.ts";

export interface GenerationWriterOptions {
  readonly id: string;
  readonly holder: string;
  readonly lastSeq: number;
  readonly clock: Clock;
  /** Throws store_unavailable. */
  append: PeopleStore["generations"]["append"];
  /** Entries that are in the database now: what watchers may see. */
  onWritten(firstSeq: number, entries: readonly LogEntry[]): void;
  /** Somebody wants it stopped, or it is not ours any more. */
  onOrder(order: "stop" | "lost"): void;
}

/** Tokens are gathered for so long: an entry for each would be hundreds a second. */
const GATHER_MS = 200;
/** While the database is away. */
const RETRY_MS = 1_000;
const MOST_TRIES = 60;
/** Pieces that wait to be written; then the model waits. */
const MOST_WAITING = 2_000;

/** Appends one generation's log, in order, a few times a second. What is not acknowledged is shown to nobody. */
export class GenerationWriter {
  readonly #options: GenerationWriterOptions;
  #lastSeq: number;
  #waiting: LogEntry[] = [];
  #pieces: Piece[] = [];
  #cancelTimer: (() => void) | null = null;
  #writing: Promise<void> = Promise.resolve();
  #isLost = false;

  constructor(options: GenerationWriterOptions) {
    this.#options = options;
    this.#lastSeq = options.lastSeq;
  }

  /** Resolves at once unless too much waits. */
  async add(event: Extract<GenerationEvent, { type: "text" | "reasoning" | "tool-call" }>): Promise<void> {
    this.#pieces = addPiece(this.#pieces, event);
    this.#cancelTimer ??= this.#options.clock.after(GATHER_MS, () => void this.flush().catch(() => undefined));
    if (this.#pieces.length > MOST_WAITING) await this.flush();
  }

  begin(entry: Extract<LogEntry, { kind: "begin" }>): Promise<void> {
    this.#waiting.push(entry);
    return this.flush();
  }

  /** All that was added. Throws store_unavailable when the database stays away. */
  flush(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    if (this.#pieces.length > 0) this.#waiting.push({ kind: "pieces", pieces: this.#pieces });
    this.#pieces = [];
    const written = this.#writing.catch(() => undefined).then(() => this.#write());
    this.#writing = written;
    return written;
  }

  async #write(): Promise<void> {
    const { append, holder, id, onOrder, onWritten } = this.#options;
    const entries = this.#waiting;
    if (entries.length === 0 || this.#isLost) return;
    this.#waiting = [];
    for (let tries = 1; ; tries++) {
      try {
        const answer = await append(id, holder, this.#lastSeq, entries);
        if (answer === null) {
          this.#isLost = true;
          return onOrder("lost");
        }
        onWritten(this.#lastSeq + 1, entries);
        this.#lastSeq += entries.length;
        if (answer.stop) onOrder("stop");
        return;
      } catch (thrown) {
        if (tries >= MOST_TRIES || !(thrown instanceof ArrieroError) || thrown.code !== "store_unavailable") throw thrown;
        await new Promise<void>((resolve) => this.#options.clock.after(RETRY_MS, resolve));
      }
    }
  }
}
