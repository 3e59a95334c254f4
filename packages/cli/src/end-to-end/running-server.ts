import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
/** Seconds; on a machine that does much else, minutes. */
const START_MS = 120_000;

/** `arriero up` as a user starts it: a process of its own, a fresh home, a port the system chose. */
export interface RunningServer {
  readonly url: string;
  readonly home: string;
  readonly process: ChildProcess;
  /** Milliseconds from spawn to ready. */
  readonly startMs: number;
  /** Process ids of the replicas now alive. */
  replicaPids(): number[];
  /** Ends it and removes its home. */
  stop(): Promise<void>;
  /** Ends it by SIGKILL. Its home stays, for another to go on with. */
  kill(): Promise<void>;
}

/** Polls until `probe` is truthy. */
export async function eventually<T>(
  probe: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  what: string,
  timeoutMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Children of a process, from /proc. */
export function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) => {
    try {
      return readChildren(pid, task);
    } catch {
      return [];
    }
  });
}

function readChildren(pid: number, task: string): number[] {
  const text = readFileSync(`/proc/${pid}/task/${task}/children`, "utf8");
  return text.split(" ").filter(Boolean).map(Number);
}

/** Open file descriptors of a process. */
export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** The server's URL, once it can answer. */
async function ready(child: ChildProcess, output: () => string): Promise<string> {
  const url = await eventually<string>(
    () => {
      if (child.exitCode !== null) throw new Error(`arriero up ended with ${child.exitCode}:\n${output()}`);
      return /http:\/\/127\.0\.0\.1:\d+/.exec(output())?.[0];
    },
    "the URL",
    START_MS,
  );
  await eventually(async () => (await fetch(`${url}/ready`)).ok, "ready", START_MS);
  return url;
}

/**
 * @param home of a server before; a fresh one where it is left out
 * @param port of a server before; 0: one that the system chooses
 */
export async function startServer(
  args: readonly string[] = [],
  home = mkdtempSync(join(tmpdir(), "arriero-home-")),
  port = 0,
): Promise<RunningServer> {
  const started = performance.now();
  const child = spawn(process.execPath, [MAIN, "up", "--port", String(port), "--home", home, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  const url = await ready(child, () => output).catch((thrown: unknown) => {
    child.kill("SIGKILL");
    rmSync(home, { recursive: true, force: true, maxRetries: 10 });
    throw thrown;
  });
  const pid = child.pid as number;
  return {
    url,
    home,
    process: child,
    startMs: performance.now() - started,
    replicaPids: () => childrenOf(pid),
    async stop() {
      await end(child, "SIGTERM");
      // The database's process ends by itself when nobody uses it, and may write until then.
      rmSync(home, { recursive: true, force: true, maxRetries: 50, retryDelay: 200 });
    },
    kill: () => end(child, "SIGKILL"),
  };
}

async function end(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, "exit");
}
