import { createHash, randomUUID } from "node:crypto";
import { access, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { ArrieroError } from "@arriero/spec";
import { moveAtomic } from "./atomic-file.ts";
import { checkSpace } from "./disk-space.ts";

export interface UploadFolderOptions {
  readonly folder: string;
  readonly now: () => number;
  readonly freeBytes: (folder: string) => Promise<number>;
}

export interface UploadOptions {
  readonly signal?: AbortSignal | undefined;
  /** As the caller announced it; null: it did not. */
  readonly sizeBytes?: number | null | undefined;
}

/** A model is made of an upload at once or hardly ever. */
const KEPT_MS = 24 * 3600 * 1000;
/** Uploads that may wait at a time; the oldest leaves first. */
const MOST_UPLOADS = 32;
/** Between two looks at the space left, where the size was not announced. */
const CHECK_EVERY_BYTES = 16 * 1024 * 1024;

/** Files that callers sent, under their SHA-256. One that can be seen is whole and has that digest. */
export class UploadFolder {
  readonly #options: UploadFolderOptions;

  constructor(options: UploadFolderOptions) {
    this.#options = options;
  }

  async has(digest: string): Promise<boolean> {
    return await access(this.#file(digest)).then(
      () => true,
      () => false,
    );
  }

  /** Throws `model_not_found` where no such file was sent. */
  async path(digest: string): Promise<string> {
    if (await this.has(digest)) return this.#file(digest);
    throw new ArrieroError("model_not_found", `there is no file ${digest} on this machine`, {
      hint: "Send it first: POST /api/blobs/DIGEST.",
    });
  }

  /** Throws `checksum_mismatch`, `disk_full`, or what reading the bytes throws. */
  async keep(digest: string, bytes: AsyncIterable<Uint8Array>, { signal, sizeBytes }: UploadOptions): Promise<void> {
    await this.#forgetOld();
    await this.#requireSpace(sizeBytes ?? 0);
    const partial = join(this.#options.folder, `${randomUUID()}.partial`);
    try {
      const sha256 = await this.#write(partial, bytes, signal);
      if (`sha256:${sha256}` !== digest) {
        throw new ArrieroError("checksum_mismatch", `the file sent has sha256:${sha256}, its address says ${digest}`, {
          hint: "Send the file again, under the digest of its bytes.",
        });
      }
      await moveAtomic(partial, this.#file(digest));
    } finally {
      await rm(partial, { force: true });
    }
  }

  async #write(path: string, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): Promise<string> {
    const hash = createHash("sha256");
    const file = await open(path, "wx");
    try {
      let unchecked = 0;
      for await (const chunk of bytes) {
        signal?.throwIfAborted();
        unchecked += chunk.byteLength;
        if (unchecked >= CHECK_EVERY_BYTES) {
          await this.#requireSpace(unchecked);
          unchecked = 0;
        }
        hash.update(chunk);
        await file.writeFile(chunk);
      }
      signal?.throwIfAborted();
    } finally {
      await file.close();
    }
    return hash.digest("hex");
  }

  async #requireSpace(bytes: number): Promise<void> {
    checkSpace(this.#options.folder, bytes, await this.#options.freeBytes(this.#options.folder));
  }

  /** Partial files too: of a process that ended in the middle of one. */
  async #forgetOld(): Promise<void> {
    const files: { path: string; modified: number }[] = [];
    for (const name of await readdir(this.#options.folder)) {
      const path = join(this.#options.folder, name);
      const found = await stat(path).catch(() => null);
      if (found !== null) files.push({ path, modified: found.mtimeMs });
    }
    files.sort((a, b) => b.modified - a.modified);
    for (const [position, { modified, path }] of files.entries()) {
      if (position >= MOST_UPLOADS - 1 || this.#options.now() - modified > KEPT_MS) await rm(path, { force: true });
    }
  }

  #file(digest: string): string {
    return join(this.#options.folder, digest.replace(":", "-"));
  }
}
