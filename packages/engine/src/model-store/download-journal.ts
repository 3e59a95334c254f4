import { createHash } from "node:crypto";
import { type FileHandle, open, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeFileAtomic } from "./atomic-file.ts";

const Head = z.object({
  version: z.literal(1),
  totalBytes: z.int().min(1),
  partBytes: z.int().min(1),
  /** Strong ETag or Last-Modified that the bytes belong to. */
  validator: z.string().nullable(),
  sha256: z.string().nullable(),
});

/** What is known about the file being downloaded. */
export type JournalHead = Omit<z.infer<typeof Head>, "version">;

/** When received bytes are made durable and noted down: whichever comes first. */
export interface JournalLimits {
  readonly journalBytes: number;
  readonly journalMs: number;
}

/** The two files of a partial download. */
export interface PartialFiles {
  readonly data: string;
  readonly journal: string;
}

/** Names derived from the key's hash, since a key is an address. */
export function partialFiles(folder: string, key: string): PartialFiles {
  const stem = join(folder, createHash("sha256").update(key).digest("hex").slice(0, 32));
  return { data: `${stem}.data`, journal: `${stem}.journal` };
}

/** Forgets a partial download. */
export async function discardPartial(files: PartialFiles): Promise<void> {
  await rm(files.journal, { force: true });
  await rm(files.data, { force: true });
}

/**
 * A sparse data file, and beside it a log: one line of JSON that says what the file is, then a line
 * `[part, bytes]` whenever bytes reached the disk. Bytes of a part are contiguous from its start. A process killed at
 * any moment leaves a log that claims no more than the data holds; a last line cut short is passed over.
 */
export class DownloadJournal {
  readonly head: JournalHead;
  readonly #received: number[];
  readonly #noted: number[];
  readonly #data: FileHandle;
  readonly #log: FileHandle;
  readonly #limits: JournalLimits;
  readonly #now: () => number;
  #lastNote: number;

  private constructor(
    head: JournalHead,
    received: number[],
    data: FileHandle,
    log: FileHandle,
    limits: JournalLimits,
    now: () => number,
  ) {
    this.head = head;
    this.#received = received;
    this.#noted = [...received];
    this.#data = data;
    this.#log = log;
    this.#limits = limits;
    this.#now = now;
    this.#lastNote = now();
  }

  /** A download from the beginning; what was there before is overwritten. */
  static async create(
    files: PartialFiles,
    head: JournalHead,
    limits: JournalLimits,
    now: () => number,
  ): Promise<DownloadJournal> {
    await discardPartial(files);
    const data = await open(files.data, "w+");
    await data.truncate(head.totalBytes);
    await writeFileAtomic(files.journal, headLine(head));
    return new DownloadJournal(head, new Array(partCount(head)).fill(0), data, await open(files.journal, "a"), limits, now);
  }

  /** The download that was interrupted, or null when there is none that can be trusted. */
  static async resume(files: PartialFiles, limits: JournalLimits, now: () => number): Promise<DownloadJournal | null> {
    const kept = await readJournal(files);
    if (kept === null) return null;
    // Written anew, so that what follows does not continue a line cut short.
    const notes = kept.received.flatMap((bytes, part) => (bytes === 0 ? [] : [`${JSON.stringify([part, bytes])}\n`]));
    await writeFileAtomic(files.journal, [headLine(kept.head), ...notes].join(""));
    const data = await open(files.data, "r+");
    return new DownloadJournal(kept.head, kept.received, data, await open(files.journal, "a"), limits, now);
  }

  get receivedBytes(): number {
    return this.#received.reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Parts that are not complete, in the file's order. */
  missingParts(): number[] {
    return this.#received.flatMap((bytes, part) => (bytes < partLength(this.head, part) ? [part] : []));
  }

  /** Offset in the file of the next byte of `part`, and the offset at which it ends. */
  range(part: number): { readonly from: number; readonly to: number } {
    const start = part * this.head.partBytes;
    return { from: start + (this.#received[part] ?? 0), to: start + partLength(this.head, part) };
  }

  /** Writes the next bytes of `part`. */
  async append(part: number, bytes: Uint8Array): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const { bytesWritten } = await this.#data.write(bytes, written, bytes.length - written, this.range(part).from);
      written += bytesWritten;
      this.#received[part] = (this.#received[part] ?? 0) + bytesWritten;
    }
    const received = this.#received[part] ?? 0;
    const due =
      received === partLength(this.head, part) ||
      received - (this.#noted[part] ?? 0) >= this.#limits.journalBytes ||
      this.#now() - this.#lastNote >= this.#limits.journalMs;
    if (due) await this.flush();
  }

  /** Makes what was received durable, data first, and then notes it down. */
  async flush(): Promise<void> {
    const received = [...this.#received];
    const changed = received.flatMap((bytes, part) => (bytes === this.#noted[part] ? [] : [part]));
    if (changed.length === 0) return;
    await this.#data.datasync();
    for (const part of changed) this.#noted[part] = received[part] ?? 0;
    await this.#log.appendFile(changed.map((part) => `${JSON.stringify([part, received[part]])}\n`).join(""));
    this.#lastNote = this.#now();
  }

  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.#data.close();
      await this.#log.close();
    }
  }
}

const Note = z.tuple([z.int().min(0), z.int().min(0)]);

async function readJournal(files: PartialFiles): Promise<{ head: JournalHead; received: number[] } | null> {
  try {
    const [first = "", ...lines] = (await readFile(files.journal, "utf8")).split("\n");
    const { version: _, ...head } = Head.parse(JSON.parse(first));
    if ((await stat(files.data)).size !== head.totalBytes) return null;
    const received: number[] = new Array(partCount(head)).fill(0);
    // What follows the last line feed was cut short.
    for (const line of lines.slice(0, -1)) {
      const [part, bytes] = Note.parse(JSON.parse(line));
      if (part >= received.length || bytes > partLength(head, part)) return null;
      // Two connections may note the same part out of order.
      received[part] = Math.max(received[part] ?? 0, bytes);
    }
    return { head, received };
  } catch {
    // Missing, cut short or no journal at all: the download begins anew.
    return null;
  }
}

function headLine(head: JournalHead): string {
  return `${JSON.stringify({ version: 1, ...head })}\n`;
}

function partCount(head: JournalHead): number {
  return Math.ceil(head.totalBytes / head.partBytes);
}

function partLength(head: JournalHead, part: number): number {
  return Math.min(head.partBytes, head.totalBytes - part * head.partBytes);
}
