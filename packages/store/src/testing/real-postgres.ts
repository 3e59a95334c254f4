import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** Where Debian's packages of Postgres put the programs of each version. */
const DEBIAN = "/usr/lib/postgresql";

function binaries(): string | null {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(DEBIAN, version, "bin")).find((bin) => existsSync(join(bin, "postgres"))) ?? null;
}

/** Postgres refuses to run as root: then it is the user that its package made. */
function runAs(): { uid?: number; gid?: number } | null {
  if (process.getuid?.() !== 0) return {};
  const [, uid, gid] = /^postgres:[^:]*:(\d+):(\d+):/m.exec(readFileSync("/etc/passwd", "utf8")) ?? [];
  return uid === undefined ? null : { uid: Number(uid), gid: Number(gid) };
}

/** Why there can be no real Postgres here; null where there can. */
export const noPostgres: string | null =
  binaries() === null ? `no Postgres in ${DEBIAN}` : runAs() === null ? "root, and no user postgres" : null;

export interface RealPostgres {
  readonly url: string;
  /** SIGKILL for all of its processes; nobody says goodbye. */
  crash(): Promise<void>;
  /** After a crash: the same data, which it recovers. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** A Postgres of its own on a socket in a temporary folder. Unsafe against power cuts, for speed. */
export async function startPostgres(): Promise<RealPostgres> {
  const bin = binaries()!;
  const user = runAs()!;
  const folder = mkdtempSync(join(tmpdir(), "arriero-pg-"));
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid!);
  const data = join(folder, "data");
  const made = spawnSync(join(bin, "initdb"), ["-D", data, "-U", "postgres", "-A", "trust", "--no-sync"], {
    ...user,
    cwd: folder,
  });
  if (made.status !== 0) throw new Error(`initdb ended with ${made.status}: ${made.stderr}`);
  const settings = ["listen_addresses=", "fsync=off", "log_min_messages=error", "logging_collector=off"];
  const start = (): Promise<ChildProcess> => {
    const child = spawn(join(bin, "postgres"), ["-D", data, "-k", folder, ...settings.flatMap((setting) => ["-c", setting])], {
      ...user,
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
    return ready(child, join(data, "postmaster.pid")).catch(async (error: unknown) => {
      await stopped(child, "SIGINT");
      throw error;
    });
  };
  const close = async (): Promise<void> => {
    if (child !== null) await stopped(child, "SIGINT");
    await rm(folder, { recursive: true, force: true });
  };
  let child: ChildProcess | null = null;
  try {
    child = await start();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    url: `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(folder)}`,
    async crash() {
      const backends = childrenOf(child!.pid!);
      await stopped(child!, "SIGKILL");
      // The next one does not begin while a process of the last one lives.
      for (const pid of backends) while (isKilled(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    async start() {
      child = await start();
    },
    close,
  };
}

/** SIGINT is Postgres' quick stop: clients are cut, nothing is lost. */
async function stopped(child: ChildProcess, signal: "SIGINT" | "SIGKILL"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await exited;
}

function childrenOf(pid: number): readonly number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((each) => parentOf(each) === pid);
}

function parentOf(pid: number): number | null {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    return null;
  }
}

/** Kills it; whether there was something to kill. */
function isKilled(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}

/**
 * The socket is there before the server takes anyone in; the last line of its own file says when it does. The first is its
 * process: a killed one leaves its file.
 */
async function ready(child: ChildProcess, pidFile: string): Promise<ChildProcess> {
  const seen: string[] = [];
  createInterface({ input: child.stderr! }).on("line", (line) => seen.push(line));
  const deadline = Date.now() + 30_000;
  while (!isReady(pidFile, child.pid)) {
    if (child.exitCode !== null || Date.now() > deadline) throw new Error(`Postgres did not start: ${seen.slice(-5).join("\n")}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return child;
}

function isReady(pidFile: string, pid: number | undefined): boolean {
  try {
    const text = readFileSync(pidFile, "utf8");
    return Number.parseInt(text, 10) === pid && /^ready/m.test(text);
  } catch {
    // Not there yet, or a killed one's that is being taken away.
    return false;
  }
}
