import { malformed } from "./backend-faults.ts";

const MAX_LINE_CHARS = 8 * 1024 * 1024;

/** Reads lines out of byte chunks, however they are cut. Bytes that are no UTF-8 break the stream. */
export class LineReader {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  #pending = "";

  /** The lines completed by this chunk, empty ones left out. */
  push(chunk: Uint8Array): string[] {
    return this.#read(() => this.#decoder.decode(chunk, { stream: true }));
  }

  /** A last line without its end. */
  end(): string[] {
    return this.#read(() => `${this.#decoder.decode()}\n`);
  }

  #read(decode: () => string): string[] {
    let text: string;
    try {
      text = this.#pending + decode();
    } catch {
      throw malformed("bytes that are not UTF-8");
    }
    const lines = text.split("\n");
    this.#pending = lines.pop() ?? "";
    if (this.#pending.length > MAX_LINE_CHARS) throw malformed(`a line of more than ${MAX_LINE_CHARS} characters`);
    return lines.map((line) => line.trim()).filter((line) => line !== "");
  }
}
