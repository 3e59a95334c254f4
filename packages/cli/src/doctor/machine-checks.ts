import { constants } from "node:fs";
import { access, mkdir, readFile, stat, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { freemem } from "node:os";
import { join } from "node:path";
import type { HomeFolder } from "../home/home-folder.ts";
import { keyPath } from "../home/key-file.ts";
import { bytes } from "../terminal/units.ts";
import type { Check } from "./check.ts";

const NODE_WANTED = [20, 19] as const;
/** Less than this on the disk of the models is worth a word. */
const DISK_LOW = 2e9;
/** Weights, KV cells and buffers take about this much of a model's file size. */
const MEMORY_FACTOR = 1.3;

export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const good = major > NODE_WANTED[0] || (major === NODE_WANTED[0] && minor >= NODE_WANTED[1]);
  const wanted = NODE_WANTED.join(".");
  return {
    name: "node",
    status: good ? "ok" : "failed",
    detail: version,
    ...(good ? {} : { hint: `Arriero wants Node ${wanted} or later.` }),
  };
}

/** Memory that a new process could take: what the kernel calls available, within the container's limit. */
export async function availableMemory(): Promise<number> {
  const meminfo = await readFile("/proc/meminfo", "utf8").catch(() => "");
  const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(meminfo)?.[1];
  const machine = kilobytes === undefined ? freemem() : Number(kilobytes) * 1024;
  const limit = process.constrainedMemory();
  return limit > 0 && limit < Number.MAX_SAFE_INTEGER ? Math.min(machine, limit) : machine;
}

/** Whether the models would fit, one at a time; `models` are names and file sizes. */
export function memoryCheck(available: number, models: readonly { readonly name: string; readonly sizeBytes: number }[]): Check {
  const tooLarge = models.filter(({ sizeBytes }) => sizeBytes * MEMORY_FACTOR > available);
  if (tooLarge.length === 0) return { name: "memory", status: "ok", detail: `${bytes(available)} available` };
  const list = tooLarge.map(({ name, sizeBytes }) => `${name} needs about ${bytes(sizeBytes * MEMORY_FACTOR)}`).join(", ");
  return {
    name: "memory",
    status: "warning",
    detail: `${bytes(available)} available; ${list}`,
    hint: "Choose a smaller quantisation.",
  };
}

export function diskCheck(free: number, path: string): Check {
  const detail = `${bytes(free)} free at ${path}`;
  return free >= DISK_LOW
    ? { name: "disk", status: "ok", detail }
    : { name: "disk", status: "warning", detail, hint: "Free some, or set ARRIERO_HOME to a larger disk." };
}

/** The home can be written, and what is secret in it is the owner's alone. */
export async function homeChecks(home: HomeFolder): Promise<Check[]> {
  try {
    await mkdir(home.path, { recursive: true, mode: 0o700 });
    await access(home.path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (thrown) {
    const why = (thrown as NodeJS.ErrnoException).code ?? String(thrown);
    return [
      {
        name: "home",
        status: "failed",
        detail: `${home.path} cannot be written: ${why}`,
        hint: "Set ARRIERO_HOME to a folder of yours.",
      },
    ];
  }
  const open: string[] = [];
  for (const file of [keyPath(home), join(home.run, "server.json")]) {
    const mode = process.platform === "win32" ? 0 : ((await stat(file).catch(() => null))?.mode ?? 0);
    if ((mode & 0o077) !== 0) open.push(file);
  }
  const secret: Check =
    open.length === 0
      ? { name: "home", status: "ok", detail: home.path }
      : { name: "home", status: "failed", detail: `others can read ${open.join(", ")}`, hint: `chmod 600 ${open.join(" ")}` };
  const { bavail, bsize } = await statfs(home.path);
  return [secret, diskCheck(bavail * bsize, home.path)];
}

function listenError(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
}

/** The port `up` would take. `running` is the URL of our own server, which may be what holds it. */
export async function portCheck(host: string, port: number, running: string | null): Promise<Check> {
  const failure = await listenError(host, port);
  if (failure === null) return { name: "port", status: "ok", detail: `${host}:${port} is free` };
  if (running?.endsWith(`:${port}`))
    return { name: "port", status: "ok", detail: `${host}:${port} is served by the Arriero of this home` };
  const detail = failure === "EADDRINUSE" ? `${host}:${port} is in use` : `${host}:${port} cannot be listened on: ${failure}`;
  return { name: "port", status: "failed", detail, hint: "Stop the other server, or choose another with --port." };
}
