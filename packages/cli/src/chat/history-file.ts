import { readFile } from "node:fs/promises";
import { writePrivate } from "../home/private-file.ts";

/** Lines of history kept. */
export const MOST_HISTORY = 1000;

/** Earlier input, newest first, as node:readline wants it. None when there is no file. */
export async function readHistory(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .slice(-MOST_HISTORY)
    .reverse();
}

/** Keeps the newest lines, 0600. A home that cannot be written is no reason to fail a conversation. */
export async function writeHistory(path: string, newestFirst: readonly string[]): Promise<void> {
  const lines = newestFirst.slice(0, MOST_HISTORY).reverse();
  await writePrivate(path, lines.map((line) => `${line}\n`).join("")).catch(() => undefined);
}
