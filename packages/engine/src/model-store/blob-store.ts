import { createHash } from "node:crypto";
import { access, mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type GgufRole, validateGguf } from "../gguf/validate-gguf.ts";
import { moveAtomic } from "./atomic-file.ts";
import { freeBytes } from "./disk-space.ts";
import { download } from "./download.ts";
import { DOWNLOAD_LIMITS, type DownloadContext, type DownloadLimits } from "./download-context.ts";
import type { HubHttp } from "./hub-http.ts";
import { importFile } from "./import-file.ts";
import type { PlannedFile } from "./pull-plan.ts";
import type { PullProgress } from "./pull-progress.ts";
import type { RemoteFile } from "./remote-file.ts";
import { blobPath, type StoreFolders } from "./store-folders.ts";
import { withLock } from "./store-lock.ts";

/** A file in the store. */
export interface Blob {
  /** `sha256:HEX` */
  readonly digest: string;
  readonly sizeBytes: number;
}

export interface BlobStoreOptions {
  readonly folders: StoreFolders;
  readonly http: HubHttp;
  readonly limits?: Partial<DownloadLimits> | undefined;
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: DownloadContext["sleep"];
  readonly freeBytes?: ((folder: string) => Promise<number>) | undefined;
}

export interface ObtainOptions {
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (progress: PullProgress) => void;
}

/** A partial download nobody came back to for so long is removed. */
const PARTIAL_KEPT_MS = 30 * 24 * 3600 * 1000;

/** Files under their SHA-256. A blob is whole, verified and a valid GGUF from the moment it can be seen. */
export class BlobStore {
  readonly #options: BlobStoreOptions;

  constructor(options: BlobStoreOptions) {
    this.#options = options;
  }

  /** Creates the folders; called before anything is written. */
  async prepare(): Promise<void> {
    for (const folder of Object.values(this.#options.folders)) await mkdir(folder, { recursive: true });
  }

  async has(digest: string): Promise<boolean> {
    return await access(blobPath(this.#options.folders, digest)).then(
      () => true,
      () => false,
    );
  }

  async remove(digest: string): Promise<void> {
    await rm(blobPath(this.#options.folders, digest), { force: true });
  }

  /** Brings a file into the store, unless it is there. Two callers who want the same file come one after the other. */
  async obtain(planned: PlannedFile, asked: ObtainOptions): Promise<Blob> {
    if (planned.kind === "local") return await this.import(planned.path, planned.role, asked);
    const { file, role } = planned;
    const digest = file.sha256 === null ? null : `sha256:${file.sha256}`;
    const options = { ...asked, onProgress: (progress: PullProgress) => asked.onProgress({ ...progress, digest }) };
    const held = await this.#held(file);
    if (held !== null) return held;
    const { folders } = this.#options;
    const lock = join(folders.locks, `${lockName(file.key)}.lock`);
    const onWait = (): void =>
      options.onProgress({ phase: "resolving", file: file.name, receivedBytes: 0, totalBytes: file.sizeBytes, resumedBytes: 0 });
    return await withLock(lock, { signal: options.signal, onWait }, async () => {
      // Another caller may have brought it while this one waited.
      const meanwhile = await this.#held(file);
      if (meanwhile !== null) return meanwhile;
      return await this.#keep(await download(file, this.#context(options)), role);
    });
  }

  /** A blob that is here; null where it is not. */
  async find(digest: string): Promise<Blob | null> {
    const found = await stat(blobPath(this.#options.folders, digest)).catch(() => null);
    return found === null ? null : { digest, sizeBytes: found.size };
  }

  /** The same for a local file. */
  async import(path: string, role: GgufRole, options: ObtainOptions): Promise<Blob> {
    return await this.#keep(await importFile(path, { ...this.#context(options), folder: this.#options.folders.partial }), role);
  }

  /** Removes partial downloads that nobody came back to. */
  async forgetOldPartials(): Promise<void> {
    const { folders, now } = this.#options;
    for (const file of await readdir(folders.partial)) {
      const path = join(folders.partial, file);
      const modified = await stat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => null,
      );
      if (modified !== null && now() - modified > PARTIAL_KEPT_MS) await rm(path, { force: true });
    }
  }

  async #keep(
    file: { path: string; sha256: string; sizeBytes: number; discard(): Promise<void> },
    role: GgufRole,
  ): Promise<Blob> {
    const digest = `sha256:${file.sha256}`;
    try {
      await validateGguf(file.path, role);
      await moveAtomic(file.path, blobPath(this.#options.folders, digest));
    } finally {
      await file.discard();
    }
    return { digest, sizeBytes: file.sizeBytes };
  }

  async #held(file: RemoteFile): Promise<Blob | null> {
    if (file.sha256 === null) return null;
    return await this.find(`sha256:${file.sha256}`);
  }

  #context(options: ObtainOptions): DownloadContext {
    const { folders, http, now, random, sleep } = this.#options;
    return {
      http,
      folder: folders.partial,
      limits: { ...DOWNLOAD_LIMITS, ...this.#options.limits },
      now,
      random,
      sleep,
      freeBytes: this.#options.freeBytes ?? freeBytes,
      signal: options.signal,
      onProgress: options.onProgress,
    };
  }
}

function lockName(key: string): string {
  return createHash("sha256").update(key).digest("hex").slice(0, 32);
}
