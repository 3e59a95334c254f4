import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { openai } from "@arriero/dialects";
import type { Clock } from "@arriero/fleet";
import { ArrieroError } from "@arriero/spec";
import { writeDurably } from "./durable-write.ts";

export interface FileLimits {
  /** Largest file in bytes. */
  readonly fileBytes: number;
  /** All files together, in bytes. */
  readonly totalBytes: number;
  readonly count: number;
}

export const FILE_LIMITS: FileLimits = { fileBytes: 209_715_200, totalBytes: 4_294_967_296, count: 10_000 };

/** A file with whom it belongs to: nobody else sees it. */
export interface OwnedFile extends openai.StoredFile {
  readonly owner: string;
}

export interface FileStoreOptions {
  readonly folder: string;
  readonly limits: FileLimits;
  readonly clock: Pick<Clock, "now">;
}

/** A file while its bytes come in. One of the two ends it. */
export interface FileDraft {
  readonly bytes: number;
  /** Waits for the disk. Throws body_too_large or disk_full. */
  write(chunk: Uint8Array): Promise<void>;
  commit(named: Pick<OwnedFile, "owner" | "filename" | "purpose"> & { readonly lifeMs: number | null }): Promise<OwnedFile>;
  abandon(): Promise<void>;
}

const ID = /^file-[0-9a-f]{24}$/;
/** What a gateway that died left half written. */
const STALE_PART_MS = 3_600_000;
const DATA = ".data";
const RECORD = ".json";

export const newFileId = (): string => `file-${randomBytes(12).toString("hex")}`;

/**
 * Files on disk: `ID.data` and, once it is whole, `ID.json` beside it. The folder itself is the index, so that several
 * gateways of one home have the same files; records never change.
 */
export class FileStore {
  readonly #options: FileStoreOptions;
  readonly #known = new Map<string, OwnedFile>();
  /** Bytes on their way into the folder. */
  #coming = 0;

  constructor(options: FileStoreOptions) {
    this.#options = options;
  }

  /**
   * Begins a file. Throws disk_full where there is no room for another.
   *
   * @param bounded false: a file that the server makes itself, which is not refused
   */
  async draft({ bounded = true, id = newFileId() } = {}): Promise<FileDraft> {
    const { folder, limits } = this.#options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const used = bounded ? await this.#used() : { bytes: 0, files: 0 };
    if (used.files >= limits.count) throw full(`${limits.count} files are kept, which is the limit`);
    const part = join(folder, `${id}.${process.pid}.part`);
    const file = await open(part, "w", 0o600);
    let bytes = 0;
    const end = async (): Promise<void> => {
      this.#coming -= bytes;
      await file.close();
    };
    return {
      get bytes() {
        return bytes;
      },
      write: async (chunk) => {
        if (bounded && bytes + chunk.length > limits.fileBytes) throw tooLarge(bytes + chunk.length, limits.fileBytes);
        if (bounded && used.bytes + this.#coming + chunk.length > limits.totalBytes) {
          throw full(`all files together may have ${limits.totalBytes} bytes`);
        }
        bytes += chunk.length;
        this.#coming += chunk.length;
        await file.writeFile(chunk);
      },
      commit: async ({ filename, lifeMs, owner, purpose }) => {
        await file.sync();
        await end();
        await rename(part, join(folder, id + DATA));
        const createdAt = this.#options.clock.now();
        const expiresAt = lifeMs === null ? null : createdAt + lifeMs;
        const record: OwnedFile = { id, owner, filename, purpose, bytes, createdAt, expiresAt };
        await writeDurably(join(folder, id + RECORD), JSON.stringify(record));
        this.#known.set(id, record);
        return record;
      },
      abandon: async () => {
        await end();
        await rm(part, { force: true });
      },
    };
  }

  /** Newest first. */
  async list(owner: string): Promise<OwnedFile[]> {
    const now = this.#options.clock.now();
    const own = (await this.#all()).filter((file) => file.owner === owner && !hasExpired(file, now));
    return own.sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
  }

  /** Throws not_found, also for what belongs to others. */
  async find(owner: string, id: string): Promise<OwnedFile> {
    const file = ID.test(id) ? await this.#read(id) : null;
    if (file !== null && file.owner === owner && !hasExpired(file, this.#options.clock.now())) return file;
    throw new ArrieroError("not_found", `There is no file ${JSON.stringify(id.slice(0, 64))}.`, {
      hint: "See GET /v1/files for those of this key.",
    });
  }

  /** The file's bytes, from the first. */
  open({ id }: Pick<OwnedFile, "id">): AsyncIterable<Uint8Array> {
    return createReadStream(join(this.#options.folder, id + DATA));
  }

  /** Throws not_found. */
  async delete(owner: string, id: string): Promise<void> {
    await this.find(owner, id);
    await this.#remove(id);
  }

  async #remove(id: string): Promise<void> {
    const { folder } = this.#options;
    this.#known.delete(id);
    // In this order: what is left after a crash is no file any more.
    await rm(join(folder, id + RECORD), { force: true });
    await rm(join(folder, id + DATA), { force: true });
  }

  async #all(): Promise<OwnedFile[]> {
    const ids = (await this.#names()).flatMap((name) => (name.endsWith(RECORD) ? [name.slice(0, -RECORD.length)] : []));
    const there = new Set(ids);
    for (const id of this.#known.keys()) if (!there.has(id)) this.#known.delete(id);
    const files: OwnedFile[] = [];
    for (const id of ids) {
      const file = ID.test(id) ? await this.#read(id) : null;
      if (file !== null) files.push(file);
    }
    return files;
  }

  /** What the folder holds, after what has expired or was left by a crash is gone. */
  async #used(): Promise<{ readonly bytes: number; readonly files: number }> {
    const now = this.#options.clock.now();
    const left: OwnedFile[] = [];
    for (const file of await this.#all()) {
      if (hasExpired(file, now)) await this.#remove(file.id);
      else left.push(file);
    }
    for (const name of await this.#names()) {
      if (!name.endsWith(".part")) continue;
      const path = join(this.#options.folder, name);
      const found = await stat(path).catch(() => null);
      if (found !== null && Date.now() - found.mtimeMs > STALE_PART_MS) await rm(path, { force: true });
    }
    return { bytes: left.reduce((sum, { bytes }) => sum + bytes, 0), files: left.length };
  }

  async #names(): Promise<string[]> {
    return readdir(this.#options.folder).catch(() => []);
  }

  async #read(id: string): Promise<OwnedFile | null> {
    const path = join(this.#options.folder, id + RECORD);
    const text = await readFile(path, "utf8").catch(() => null);
    if (text === null) return null;
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    // Ours, and whole: it was renamed into place.
    const file = JSON.parse(text) as OwnedFile;
    this.#known.set(id, file);
    return file;
  }
}

const hasExpired = ({ expiresAt }: OwnedFile, now: number): boolean => expiresAt !== null && expiresAt <= now;

function tooLarge(bytes: number, limit: number): ArrieroError {
  return new ArrieroError("body_too_large", `A file may have ${limit} bytes, but this has at least ${bytes}.`, {
    param: "file",
    hint: "Split it, or raise files.fileBytes.",
  });
}

function full(why: string): ArrieroError {
  return new ArrieroError("disk_full", `There is no room for the file: ${why}.`, {
    hint: "Delete files that are no longer needed, or raise files.totalBytes or files.count.",
  });
}
