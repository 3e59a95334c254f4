import { randomUUID } from "node:crypto";
import { constants, copyFile, link, realpath, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { ArrieroError } from "@arriero/spec";
import { checkSpace } from "./disk-space.ts";
import type { PullProgress } from "./pull-progress.ts";
import { sha256File } from "./sha256-file.ts";

/** A local file on its way into the store. */
export interface Imported {
  readonly path: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  discard(): Promise<void>;
}

export interface ImportContext {
  readonly folder: string;
  readonly freeBytes: (folder: string) => Promise<number>;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: (progress: PullProgress) => void;
}

/**
 * Brings a local file into `folder`: as a copy that shares its blocks where the file system can, else as a hard link,
 * else (another disk) as a copy. What is hashed is what is kept, whatever happens to the original meanwhile.
 */
export async function importFile(path: string, context: ImportContext): Promise<Imported> {
  const source = await realpath(path).catch((error: unknown) => {
    throw new ArrieroError("model_not_found", `${path} cannot be read: ${error instanceof Error ? error.message : error}`, {
      hint: "Check the path.",
      cause: error,
    });
  });
  const file = await stat(source);
  if (!file.isFile()) throw new ArrieroError("gguf_invalid", `${path} is no regular file`);
  const target = join(context.folder, `${randomUUID()}.import`);
  const discard = (): Promise<void> => rm(target, { force: true });
  try {
    await place(source, target, file.size, context);
    const sha256 = await sha256File(target, {
      signal: context.signal,
      onBytes: (receivedBytes) =>
        context.onProgress({ phase: "verifying", file: path, receivedBytes, totalBytes: file.size, resumedBytes: 0 }),
    });
    return { path: target, sha256, sizeBytes: (await stat(target)).size, discard };
  } catch (error) {
    await discard();
    throw error;
  }
}

async function place(source: string, target: string, bytes: number, context: ImportContext): Promise<void> {
  try {
    return await copyFile(source, target, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE);
  } catch {
    // No shared blocks on this file system.
  }
  try {
    return await link(source, target);
  } catch {
    // Another disk, or a file system without links.
  }
  checkSpace(context.folder, bytes, await context.freeBytes(context.folder));
  await copyFile(source, target, constants.COPYFILE_EXCL);
}
