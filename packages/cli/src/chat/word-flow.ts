import { displayWidth } from "../terminal/text-width.ts";

/** A word longer than this is shown before it ends: a URL, text without spaces. */
const LONGEST_HELD = 80;

/**
 * Text that arrives in pieces, given out by whole words and broken between them at `width` cells.
 * Lines of fenced code are left as they are. `width` null: nothing is held back and nothing is broken.
 */
export class WordFlow {
  readonly #width: () => number | null;
  #word = "";
  #gap = "";
  #column = 0;
  #line = "";
  #code = false;

  constructor(width: () => number | null) {
    this.#width = width;
  }

  /** What can be shown now that `text` has come. */
  take(text: string): string {
    if (this.#width() === null) return text;
    let shown = "";
    for (const character of text) {
      if (character === "\n") shown += this.#flush() + this.#newLine();
      else if (character === " " || character === "\t") {
        shown += this.#flush();
        this.#gap += character;
      } else {
        this.#word += character;
        if (this.#word.length >= LONGEST_HELD) shown += this.#flush();
      }
    }
    return shown;
  }

  /** What is still held when the text has ended. */
  end(): string {
    return this.#flush();
  }

  #flush(): string {
    if (this.#word === "") return "";
    const width = this.#width();
    const word = this.#word;
    const cells = displayWidth(word);
    const breaks = !this.#code && width !== null && this.#column > 0 && this.#column + this.#gap.length + cells > width;
    const shown = breaks ? `\n${word}` : `${this.#gap}${word}`;
    this.#column = breaks ? cells : this.#column + this.#gap.length + cells;
    this.#line += `${this.#gap}${word}`;
    this.#word = "";
    this.#gap = "";
    return shown;
  }

  #newLine(): string {
    if (this.#line.trimStart().startsWith("```")) this.#code = !this.#code;
    this.#line = "";
    this.#gap = "";
    this.#column = 0;
    return "\n";
  }
}
