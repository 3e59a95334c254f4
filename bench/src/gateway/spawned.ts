import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { ArrieroError } from "@arriero/spec";
import { killTree } from "../servers/process-tree.ts";

const STOP_MS = 30_000;
const running = new Set<ChildProcess>();

/** Kills, at once, every process of this bench that is still there. Synchronous: for exit handlers. */
export function killSpawned(): void {
  for (const child of running) if (child.pid !== undefined) killTree(child.pid);
}

export interface SpawnOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** stderr goes here. */
  readonly logPath: string;
}

export interface Spawned {
  readonly pid: number;
  /** Its lines on stdout. */
  readonly lines: AsyncIterable<string>;
  /** Rejects when it ends before its time. */
  readonly exited: Promise<number | null>;
  stop(): Promise<void>;
}

export function spawnProcess(command: string, parameters: readonly string[], { env, logPath }: SpawnOptions): Spawned {
  const log = openSync(logPath, "a");
  const child = spawn(command, parameters, {
    cwd: dirname(logPath),
    stdio: ["ignore", "pipe", log],
    env: { ...process.env, ...env },
  });
  closeSync(log);
  running.add(child);
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code));
  });
  exited.then(
    () => running.delete(child),
    () => running.delete(child),
  );
  return {
    pid: child.pid ?? 0,
    lines: createInterface({ input: child.stdout! }),
    exited,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.pid !== undefined && killTree(child.pid), STOP_MS);
      await exited.catch(() => null);
      clearTimeout(timer);
    },
  };
}

/** The first line that `read` makes something of; the rest is dropped unread. Throws where the process ends without one. */
export async function firstOf<T>(spawned: Spawned, what: string, read: (line: string) => T | null): Promise<T> {
  for await (const line of spawned.lines) {
    const found = read(line);
    if (found !== null) return found;
  }
  throw new ArrieroError("replica_failed", `${what} ended without a word.`);
}

/** Runs a script of ours to its end and reads the JSON that is its only output. */
export async function runScript<T>(path: string, parameter: unknown, logPath: string): Promise<T> {
  const spawned = spawnProcess(process.execPath, [path, JSON.stringify(parameter)], { logPath });
  return firstOf(spawned, path, (line) => JSON.parse(line) as T);
}

/** Starts a script of ours that says `{port}` once it listens. */
export async function startScript(
  path: string,
  parameters: readonly string[],
  logPath: string,
): Promise<Spawned & { port: number }> {
  const spawned = spawnProcess(process.execPath, [path, ...parameters], { logPath });
  const { port } = await firstOf(spawned, path, (line) => JSON.parse(line) as { port: number });
  return { ...spawned, port };
}
