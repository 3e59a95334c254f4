import { open, rename } from "node:fs/promises";

/** Writes a small file so that a reader, and a start after a crash, finds the old text or the new one. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  const file = await open(part, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(part, path);
}
