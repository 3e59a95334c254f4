import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { HomeFolder } from "./home-folder.ts";
import { writePrivate } from "./private-file.ts";

/** Keys read from one file; more lines are not read. */
const MOST_KEYS = 1000;

export const keyPath = (home: HomeFolder): string => join(home.keys, "api-keys");

/** Keys in `text`: one a line, blank lines and `#` comments left out. */
export function parseKeys(text: string): string[] {
  return text
    .split("\n", MOST_KEYS)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** The keys of this home; none when there is no file. */
export async function readKeys(home: HomeFolder): Promise<string[]> {
  return parseKeys(await readFile(keyPath(home), "utf8").catch(() => ""));
}

/** `arr_` and 32 random bytes: enough that it cannot be guessed, short enough to paste. */
export function newKey(): string {
  return `arr_${randomBytes(32).toString("base64url")}`;
}

/** The keys of this home, and whether the only one was made just now: then it has to be shown, once. */
export async function ensureKeys(home: HomeFolder): Promise<{ keys: string[]; created: boolean }> {
  const keys = await readKeys(home);
  if (keys.length > 0) return { keys, created: false };
  const key = newKey();
  await writePrivate(keyPath(home), `${key}\n`);
  return { keys: [key], created: true };
}
