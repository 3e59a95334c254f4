import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** A log file grows to this size, then becomes `FILE.1` in place of the last one. */
export const LOG_BYTES = 16 * 1024 * 1024;

const SOON_MS = 50;
const SOON_CHARS = 64 * 1024;

/** Appends lines to a file that never grows past a bound; the file before it is kept. Writing never throws: a full disk must not stop answers. */
export class LogFile {
  readonly #path: string;
  readonly #most: number;
  #descriptor: number;
  #size: number;
  /** Lines that are not written yet. */
  #soon = "";
  #timer: NodeJS.Timeout | undefined;
  readonly #onExit = (): void => this.flush();

  constructor(path: string, most: number = LOG_BYTES) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#path = path;
    this.#most = most;
    this.#size = existsSync(path) ? statSync(path).size : 0;
    this.#descriptor = openSync(path, "a", 0o600);
    process.once("exit", this.#onExit);
  }

  write(line: string): void {
    this.flush();
    this.#append(line);
  }

  #append(line: string): void {
    try {
      if (this.#size > 0 && this.#size + line.length > this.#most) this.#turnOver();
      this.#size += writeSync(this.#descriptor, line);
    } catch {
      // Nothing can be logged about a log that cannot be written.
    }
  }

  /** The same a moment later, with what else comes until then: for lines that no one waits for. */
  writeSoon(line: string): void {
    this.#soon += line;
    if (this.#soon.length >= SOON_CHARS) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), SOON_MS).unref();
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lines = this.#soon;
    this.#soon = "";
    if (lines !== "") this.#append(lines);
  }

  close(): void {
    this.flush();
    process.off("exit", this.#onExit);
    closeSync(this.#descriptor);
  }

  #turnOver(): void {
    closeSync(this.#descriptor);
    renameSync(this.#path, `${this.#path}.1`);
    this.#descriptor = openSync(this.#path, "a", 0o600);
    this.#size = 0;
  }
}
