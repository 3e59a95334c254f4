import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ArrieroError } from "@arriero/spec";
import { request } from "undici";
import { freePort } from "./free-port.ts";
import { cpuSeconds, killTree, peakResidentBytes } from "./process-tree.ts";

export interface Endpoint {
  readonly name: "ours" | "peer";
  readonly url: string;
  /** The `model` field of requests. */
  readonly model: string;
}

/** How to start one side: everything but the port. */
export interface ServerRecipe {
  readonly name: "ours" | "peer";
  readonly command: string;
  /** GET of this path answers 200 once the model is loaded. */
  readonly readyPath: string;
  readonly model: string;
  /** Whatever the server prints goes here. */
  readonly logPath: string;
  /** Emptied before each start, so that no session profits from what an earlier one computed. */
  readonly cacheFolder: string | null;
  arguments(port: number): readonly string[];
}

export interface RunningServer {
  readonly endpoint: Endpoint;
  /** When the process was spawned, on the clock of `performance.now()`. */
  readonly spawnedAt: number;
  /** User and system CPU time of the whole process tree so far, in seconds; null where the system does not tell. */
  cpuSeconds(): number | null;
  /** Sum of the peak resident sizes of the tree's processes, in bytes; null where the system does not tell. */
  peakResidentBytes(): number | null;
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 120_000;
const READY_POLL_MS = 10;
/** Ours drains and writes a snapshot of its prefix tree. */
const STOP_TIMEOUT_MS = 30_000;
const STDERR_TAIL = 2_000;

const running = new Set<ChildProcess>();

/** Kills, at once, every server that is still there. Synchronous: for exit handlers. */
export function killServers(): void {
  for (const child of running) if (child.pid !== undefined) killTree(child.pid);
}

/** Spawns the server and waits until it is ready. Throws `replica_failed` with its last words, or `upstream_timeout`. */
export async function startServer(recipe: ServerRecipe): Promise<RunningServer> {
  if (recipe.cacheFolder !== null) await rm(recipe.cacheFolder, { recursive: true, force: true });
  const port = await freePort();
  const log = createWriteStream(recipe.logPath, { flags: "a" });
  const spawnedAt = performance.now();
  const child = spawn(recipe.command, recipe.arguments(port), {
    cwd: dirname(recipe.logPath),
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  let tail = "";
  let failure: string | null = null;
  child.stdout.pipe(log, { end: false });
  child.stderr.on("data", (bytes: Buffer) => {
    log.write(bytes);
    tail = (tail + bytes.toString()).slice(-STDERR_TAIL);
  });
  child.on("close", () => log.end());
  child.on("error", (error) => {
    failure = error.message;
    running.delete(child);
  });
  child.on("exit", (code, signal) => {
    failure ??= `exit ${signal ?? code}`;
    running.delete(child);
  });
  const endpoint: Endpoint = { name: recipe.name, url: `http://127.0.0.1:${port}`, model: recipe.model };
  const deadline = spawnedAt + READY_TIMEOUT_MS;
  while (!(await isReady(endpoint.url + recipe.readyPath))) {
    if (failure !== null)
      throw new ArrieroError("replica_failed", `${recipe.command} did not start (${failure}): ${tail.trim()}`);
    if (performance.now() > deadline) {
      if (child.pid !== undefined) killTree(child.pid);
      throw new ArrieroError(
        "upstream_timeout",
        `${recipe.command} was not ready after ${READY_TIMEOUT_MS / 1000} s: ${tail.trim()}`,
      );
    }
    await pause(READY_POLL_MS);
  }
  const pid = child.pid!;
  return {
    endpoint,
    spawnedAt,
    cpuSeconds: () => cpuSeconds(pid),
    peakResidentBytes: () => peakResidentBytes(pid),
    stop: () => stop(child),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const timer = setTimeout(() => killTree(child.pid!), STOP_TIMEOUT_MS);
  await gone;
  clearTimeout(timer);
}

async function isReady(url: string): Promise<boolean> {
  try {
    const answer = await request(url, { headersTimeout: 2_000, bodyTimeout: 2_000 });
    await answer.body.dump();
    return answer.statusCode === 200;
  } catch {
    return false;
  }
}
