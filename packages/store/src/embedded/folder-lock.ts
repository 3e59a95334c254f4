import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { ArrieroError } from "@arriero/spec";
import type { Clock } from "../clock.ts";
import { startHeartbeat } from "./lock-heartbeat.ts";
import { isOfOwnSpace, isSameProcess, type ProcessMark, processMark } from "./process-mark.ts";

/** A breaker that is older was left behind by a process that died in the act. */
const BREAKER_MS = 10_000;
/** Without a beat for so long, an owner that we cannot see is taken for dead: ten beats. */
const SILENT_MS = 20_000;
const LOOK_MS = 500;

/**
 * Takes the lock at `path` for this process, or says that another living one has it. What a dead process left is
 * removed. Of an owner in another container or on another machine nothing is known but its beats: while they come this
 * throws store_unavailable, and waits for SILENT_MS to find that they do not.
 */
export async function takeLock(path: string, clock: Clock): Promise<(() => Promise<void>) | null> {
  const mark = JSON.stringify({ ...processMark(), lock: randomUUID() });
  if (!(await create(path, mark)) && !((await breakDead(path, clock)) && (await create(path, mark)))) return null;
  const stop = startHeartbeat(path, mark);
  return async () => {
    await stop();
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
async function breakDead(path: string, clock: Clock): Promise<boolean> {
  const held = await readFile(path, "utf8").catch(() => null);
  if (held === null) return true;
  if (!(await isDead(path, held, clock))) return false;
  const breaker = `${path}.breaking`;
  try {
    await writeFile(breaker, "", { flag: "wx" });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    if (await isStale(breaker)) await takeAway(breaker, isStale);
    return false;
  }
  try {
    return await takeAway(path, async (taken) => (await readFile(taken, "utf8")) === held);
  } finally {
    await rm(breaker, { force: true });
  }
}

/**
 * Removes the file at `path` if it is still the one that is meant. It is looked at under a name that nobody else knows:
 * between a look and a removal under its own name, another could have put a new one there.
 */
async function takeAway(path: string, isMeant: (path: string) => Promise<boolean>): Promise<boolean> {
  const taken = `${path}.${randomUUID()}`;
  try {
    await rename(path, taken);
  } catch (error) {
    // Another was faster.
    if (codeOf(error) === "ENOENT") return true;
    throw error;
  }
  const meant = await isMeant(taken);
  if (!meant) await link(taken, path).catch(() => undefined);
  await rm(taken, { force: true });
  return meant;
}

async function isStale(breaker: string): Promise<boolean> {
  const { mtimeMs } = await stat(breaker).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
  return Date.now() - mtimeMs > BREAKER_MS;
}

/** What cannot be read was made by something else: it is left alone. */
async function isDead(path: string, held: string, clock: Clock): Promise<boolean> {
  let mark: ProcessMark;
  try {
    mark = JSON.parse(held) as ProcessMark;
  } catch {
    return false;
  }
  return isOfOwnSpace(mark) ? !isSameProcess(mark) : isSilent(path, clock);
}

/** Whether beats stay away. Throws store_unavailable at the first that comes. */
async function isSilent(path: string, clock: Clock): Promise<boolean> {
  for (let first: number | null = null; ; ) {
    const beat = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => null,
    );
    if (beat === null || clock.now() - beat > SILENT_MS) return true;
    first ??= beat;
    if (beat !== first) {
      throw new ArrieroError("store_unavailable", "The database's folder is in use in another container or on another machine.", {
        hint: "Run the command there, or give both one Postgres by DATABASE_URL.",
      });
    }
    await new Promise<void>((resolve) => clock.after(LOOK_MS, resolve));
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
