import type { Screen } from "./screen.ts";
import { displayWidth, truncate } from "./text-width.ts";

/** The least time between two paintings, in milliseconds: about 15 a second. */
const PAINT_MS = 66;
/** The least time between two plain lines where output is no terminal. */
const PLAIN_MS = 3000;

/** What to write so that `next` stands where `previous` lines stood. The cursor rests after the last line. */
export function repaint(previousLines: number, next: readonly string[]): string {
  const up = previousLines > 1 ? `\u001b[${previousLines - 1}A` : "";
  const lines = next.map((line) => `${line}\u001b[K`).join("\n");
  return `\r${up}${previousLines > next.length ? "\u001b[J" : ""}${lines}`;
}

/**
 * A few lines that change in place on a terminal, and a plain line every few seconds elsewhere.
 * `plain` gives that line; an unchanged one is not written twice.
 */
export class LiveRegion {
  readonly #screen: Screen;
  readonly #now: () => number;
  #painted = 0;
  #last = Number.NEGATIVE_INFINITY;
  #lastPlain = "";

  constructor(screen: Screen, now: () => number) {
    this.#screen = screen;
    this.#now = now;
  }

  update(lines: () => readonly string[], plain: () => string): void {
    const now = this.#now();
    if (now - this.#last < (this.#screen.isTTY ? PAINT_MS : PLAIN_MS)) return;
    this.#last = now;
    if (this.#screen.isTTY) this.#paint(lines());
    else this.#line(plain());
  }

  /** Leaves `lines` standing (on a terminal) or writes `plain` last (elsewhere). */
  finish(lines: readonly string[], plain: string): void {
    if (this.#screen.isTTY) {
      this.#paint(lines);
      this.#screen.write(`${lines.length === 0 ? "" : "\n"}\u001b[?25h`);
      this.#painted = 0;
    } else this.#line(plain);
  }

  #paint(lines: readonly string[]): void {
    const width = this.#screen.columns();
    const fitted = lines.map((line) => (displayWidth(line) >= width ? truncate(line, width - 1) : line));
    this.#screen.write(`${this.#painted === 0 ? "\u001b[?25l" : ""}${repaint(this.#painted, fitted)}`);
    this.#painted = Math.max(1, fitted.length);
  }

  #line(text: string): void {
    if (text === "" || text === this.#lastPlain) return;
    this.#lastPlain = text;
    this.#screen.write(`${text}\n`);
  }
}
