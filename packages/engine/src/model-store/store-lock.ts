import { randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { link, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

const Owner = z.object({ pid: z.int(), host: z.string(), started: z.string().nullable(), token: z.string() });
type Owner = z.infer<typeof Owner>;

export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once when another holds the lock. */
  readonly onWait?: (() => void) | undefined;
  /** Between two looks at a lock that another holds. */
  readonly pollMs?: number;
  /** A lock whose owner cannot be asked (another machine) is stale when its heartbeat stood still this long. */
  readonly staleMs?: number;
}

const POLL_MS = 100;
const STALE_MS = 60_000;

/** Holders and waiters of this process, by path: each waits for the one before. */
const queues = new Map<string, Promise<void>>();

/**
 * Runs `work` while no other caller, in this process or another, holds the lock at `path`. A lock left behind by a
 * killed process is taken over at once when it was on this machine, else when its heartbeat stops.
 */
export async function withLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const before = queues.get(path);
  let release = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    release = resolve;
  });
  const tail = (before ?? Promise.resolve()).then(() => done);
  queues.set(path, tail);
  try {
    if (before !== undefined) {
      options.onWait?.();
      await abortable(before, options.signal);
    }
    const owner = await acquire(path, options);
    const heartbeat = setInterval(() => void touch(path), (options.staleMs ?? STALE_MS) / 4);
    heartbeat.unref();
    try {
      return await work();
    } finally {
      clearInterval(heartbeat);
      await releaseLock(path, owner);
    }
  } finally {
    release();
    if (queues.get(path) === tail) queues.delete(path);
  }
}

async function acquire(path: string, options: LockOptions): Promise<Owner> {
  const owner: Owner = { pid: process.pid, host: thisHost(), started: processStart(process.pid), token: randomUUID() };
  let seen = { mtime: -1, since: performance.now() };
  let told = false;
  for (;;) {
    options.signal?.throwIfAborted();
    if (await create(path, owner)) return owner;
    const held = await look(path);
    if (held !== null) {
      if (held.mtime !== seen.mtime) seen = { mtime: held.mtime, since: performance.now() };
      const still = performance.now() - seen.since > (options.staleMs ?? STALE_MS);
      if (ownerIsGone(held.owner) || still) await breakLock(path, held.text);
      if (!told) options.onWait?.();
      told = true;
    }
    await sleep(options.pollMs ?? POLL_MS, undefined, options.signal === undefined ? {} : { signal: options.signal });
  }
}

/** Creates the lock with its content in one step, so that nobody sees it empty. */
async function create(path: string, owner: Owner): Promise<boolean> {
  const own = `${path}.${owner.token}`;
  await writeFile(own, JSON.stringify(owner));
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    if (codeOf(error) !== "EPERM" && codeOf(error) !== "ENOTSUP") throw error;
    // A file system without hard links: the content follows a moment later.
    return await writeFile(path, JSON.stringify(owner), { flag: "wx" }).then(
      () => true,
      (failure) => {
        if (codeOf(failure) === "EEXIST") return false;
        throw failure;
      },
    );
  } finally {
    await rm(own, { force: true });
  }
}

async function look(path: string): Promise<{ owner: Owner | null; text: string; mtime: number } | null> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, "utf8"), stat(path)]);
    return { owner: parseOwner(text), text, mtime: mtimeMs };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return null;
    throw error;
  }
}

function parseOwner(text: string): Owner | null {
  try {
    return Owner.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Only one process may break a lock at a time, or it could remove the next owner's. */
async function breakLock(path: string, text: string): Promise<void> {
  const breaker = `${path}.breaking`;
  try {
    await writeFile(breaker, "", { flag: "wx" });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    const age = await stat(breaker).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > STALE_MS) await rm(breaker, { force: true });
    return;
  }
  try {
    const now = await look(path);
    if (now?.text === text) await rm(path, { force: true });
  } finally {
    await rm(breaker, { force: true });
  }
}

async function releaseLock(path: string, owner: Owner): Promise<void> {
  const held = await look(path);
  if (held?.owner?.token === owner.token) await rm(path, { force: true });
}

async function touch(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}

function ownerIsGone(owner: Owner | null): boolean {
  if (owner === null || owner.host !== thisHost()) return false;
  if (!isAlive(owner.pid)) return true;
  // The number may have been given to another process since.
  const started = processStart(owner.pid);
  return owner.started !== null && started !== null && started !== owner.started;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/** Start time in clock ticks since boot, on Linux; null elsewhere. */
function processStart(pid: number): string | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command in parentheses may itself hold spaces and parentheses; field 22 counts from the start.
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}

/** Process numbers mean something within one machine and one PID namespace only. */
function thisHost(): string {
  let namespace = "";
  try {
    namespace = readlinkSync("/proc/self/ns/pid");
  } catch {
    // Not Linux: there are no PID namespaces.
  }
  return `${hostname()} ${namespace}`.trim();
}

function abortable(promise: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return promise;
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    void promise.then(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    });
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
