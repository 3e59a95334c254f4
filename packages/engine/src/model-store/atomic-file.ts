import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** Writes `text` so that a reader, or a crash at any moment, finds the old file or the new one, whole. */
export async function writeFileAtomic(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Moves a finished file into place and makes the move durable. */
export async function moveAtomic(from: string, to: string): Promise<void> {
  // A link to a file that may not be written is synced by its reader.
  const file = await open(from, "r+").catch(() => open(from, "r"));
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(from, to);
  // Where both were links to one file already, rename leaves the old name standing.
  await rm(from, { force: true });
  await syncFolder(dirname(to));
}

/** Windows cannot open a folder to sync it, and needs no such call. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
