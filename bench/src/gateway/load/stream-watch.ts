const DATA = Buffer.from("data: ");
const DONE = Buffer.from("[DONE]");

/** A wait for the next token longer than this is a stall: several times the pace, and long enough for a reader to notice. */
export const STALL_MS = 1_000;

/**
 * Watches one streamed answer: tokens, stalls, and whether it was whole. Frames are counted by their mark; a mark that is
 * cut by two reads counts with the second.
 */
export class StreamWatch {
  tokens = 0;
  stalls = 0;
  longestMs = 0;
  isDone = false;
  #lastAt: number;
  #tail: Buffer = Buffer.alloc(0);

  /** @param now when the request was sent, in milliseconds */
  constructor(now: number) {
    this.#lastAt = now;
  }

  read(chunk: Buffer, now: number): void {
    const bytes = this.#tail.length === 0 ? chunk : Buffer.concat([this.#tail, chunk]);
    let frames = 0;
    let at = bytes.indexOf(DATA);
    let rest = 0;
    while (at !== -1) {
      frames++;
      rest = at + DATA.length;
      at = bytes.indexOf(DATA, rest);
    }
    this.isDone ||= bytes.includes(DONE);
    // Enough for a mark that is cut, and not the mark just counted.
    this.#tail = Buffer.from(bytes.subarray(Math.max(rest, bytes.length - DATA.length + 1)));
    if (frames === 0) return;
    this.tokens += frames;
    this.#wait(now);
  }

  /** The stream ended, or was given up. */
  end(now: number): void {
    if (!this.isDone) this.#wait(now);
  }

  #wait(now: number): void {
    const waited = now - this.#lastAt;
    this.#lastAt = now;
    this.longestMs = Math.max(this.longestMs, waited);
    if (waited > STALL_MS) this.stalls++;
  }
}
