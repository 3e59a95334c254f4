import { randomUUID } from "node:crypto";
import { link, readFile, rm, stat, writeFile } from "node:fs/promises";
import { isSameProcess, type ProcessMark, processMark } from "./process-mark.ts";

/** A breaker that is older was left behind by a process that died in the act. */
const BREAKER_MS = 10_000;

/**
 * Takes the lock at `path` for this process, or says that another living one has it. What a dead process left is
 * removed. The folder must be on this machine: process numbers of another say nothing here.
 */
export async function takeLock(path: string): Promise<(() => Promise<void>) | null> {
  const mark = JSON.stringify(processMark());
  if (!(await create(path, mark)) && !((await breakDead(path)) && (await create(path, mark)))) return null;
  return async () => {
    if ((await readFile(path, "utf8").catch(() => null)) === mark) await rm(path, { force: true });
  };
}

/** Creates the file with its content in one step, so that nobody sees it empty. */
async function create(path: string, text: string): Promise<boolean> {
  const own = `${path}.${randomUUID()}`;
  await writeFile(own, text, { mode: 0o600 });
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

/** Only one process may break a lock at a time, or it could remove the next owner's. */
async function breakDead(path: string): Promise<boolean> {
  const breaker = `${path}.breaking`;
  try {
    await writeFile(breaker, "", { flag: "wx" });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    const age = await stat(breaker).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > BREAKER_MS) await rm(breaker, { force: true });
    return false;
  }
  try {
    const held = await readFile(path, "utf8").catch(() => null);
    if (held !== null && isAlive(held)) return false;
    await rm(path, { force: true });
    return true;
  } finally {
    await rm(breaker, { force: true });
  }
}

/** What cannot be read was made by something else: it is left alone. */
function isAlive(text: string): boolean {
  try {
    return isSameProcess(JSON.parse(text) as ProcessMark);
  } catch {
    return true;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
