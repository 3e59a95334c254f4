/** The last lines of a stream, kept to explain a failure. Bounded in lines and in characters per line. */
export class LineTail {
  readonly #lines: string[] = [];
  readonly #maxLines: number;
  readonly #maxChars: number;

  constructor(maxLines = 20, maxChars = 400) {
    this.#maxLines = maxLines;
    this.#maxChars = maxChars;
  }

  push(line: string): void {
    if (line.trim() === "") return;
    this.#lines.push(line.slice(0, this.#maxChars));
    if (this.#lines.length > this.#maxLines) this.#lines.shift();
  }

  lines(): readonly string[] {
    return [...this.#lines];
  }
}
