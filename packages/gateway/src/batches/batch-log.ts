import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { openai } from "@arriero/dialects";
import { boundedLines } from "./bounded-lines.ts";

/** What one line of the input has come to. */
export interface LoggedLine {
  /** Of the input file, from 1. */
  readonly line: number;
  readonly ok: boolean;
  /** Of the output file, or of the file of errors. */
  readonly record: ReturnType<typeof openai.formatBatchLine>;
  readonly tokens: openai.BatchTokens;
}

/** Answers with long vectors are long lines. */
const MOST_LINE_BYTES = 1 << 30;
const NEWLINE = 10;

/** Results of a batch as they come: appended, synced, never changed. A line cut off by a crash is not there. */
export class BatchLog {
  readonly #file: FileHandle;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** @param onLine told each line that is there, once */
  static async open(path: string, onLine: (line: LoggedLine) => void): Promise<BatchLog> {
    const file = await open(path, "a+", 0o600);
    await file.truncate(await wholeLength(file));
    const seen = new Set<number>();
    for await (const line of readLog(path)) {
      if (seen.has(line.line)) continue;
      seen.add(line.line);
      onLine(line);
    }
    return new BatchLog(file);
  }

  /** Resolves when a crash can no longer lose it. */
  append(line: LoggedLine): Promise<void> {
    const text = `${JSON.stringify(line)}\n`;
    this.#writing = this.#writing.then(async () => {
      await this.#file.writeFile(text);
      await this.#file.datasync();
    });
    return this.#writing;
  }

  async close(): Promise<void> {
    await this.#writing.catch(() => undefined);
    await this.#file.close();
  }
}

/** The lines of a log. */
export async function* readLog(path: string): AsyncGenerator<LoggedLine, void, void> {
  // Ours: written whole by `append`.
  for await (const { text } of boundedLines(createReadStream(path), MOST_LINE_BYTES)) yield JSON.parse(text) as LoggedLine;
}

/** Bytes up to the last end of a line. */
async function wholeLength(file: FileHandle): Promise<number> {
  const { size } = await file.stat();
  const chunk = Buffer.alloc(65_536);
  for (let end = size; end > 0; ) {
    const from = Math.max(0, end - chunk.length);
    const { bytesRead } = await file.read(chunk, 0, end - from, from);
    const at = chunk.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (at !== -1) return from + at + 1;
    end = from;
  }
  return 0;
}
