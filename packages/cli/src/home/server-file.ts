import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { HomeFolder } from "./home-folder.ts";
import { writePrivate } from "./private-file.ts";

/** How other commands find the server of this home. */
export interface ServerFile {
  readonly url: string;
  readonly pid: number;
  /** A key that it accepts; null where it asks for none. */
  readonly key: string | null;
}

const serverPath = (home: HomeFolder): string => join(home.run, "server.json");

function parse(text: string): ServerFile | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return null;
    const { url, pid, key } = value as Record<string, unknown>;
    if (typeof url !== "string" || !URL.canParse(url) || !Number.isInteger(pid)) return null;
    return { url, pid: pid as number, key: typeof key === "string" ? key : null };
  } catch {
    return null;
  }
}

/** True while a process with this id exists, even another user's. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** The running server's address; null when there is none, also when the file is stale or damaged. */
export async function readServerFile(home: HomeFolder, alive: (pid: number) => boolean = isAlive): Promise<ServerFile | null> {
  const text = await readFile(serverPath(home), "utf8").catch(() => null);
  const file = text === null ? null : parse(text);
  return file !== null && alive(file.pid) ? file : null;
}

export async function writeServerFile(home: HomeFolder, file: ServerFile): Promise<void> {
  await writePrivate(serverPath(home), `${JSON.stringify(file)}\n`);
}

/** Removes the file if it is still that of `pid`: a server started since then keeps its own. */
export async function removeServerFile(home: HomeFolder, pid: number): Promise<void> {
  const text = await readFile(serverPath(home), "utf8").catch(() => null);
  if (text !== null && parse(text)?.pid === pid) await rm(serverPath(home), { force: true });
}
