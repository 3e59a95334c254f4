import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@arriero/fleet";
import { eventually } from "../../testing/eventually.ts";
import { RedisLink } from "../redis-link.ts";

const SERVER = ["/usr/bin/redis-server", "/usr/local/bin/redis-server"].find((path) => existsSync(path));

/** Why there can be no real Redis here; null where there can. */
export const noRedis: string | null = SERVER === undefined ? "no redis-server in /usr/bin" : null;

export interface RealRedis {
  readonly url: string;
  /** The process stops answering, its connections stay; and goes on. */
  freeze(): void;
  thaw(): void;
  kill(): Promise<void>;
  /** The same address again, with nothing in it. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** A Redis of its own that keeps nothing on disk. */
export async function startRedis(): Promise<RealRedis> {
  const folder = mkdtempSync(join(tmpdir(), "arriero-redis-"));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let child = await run(folder, port, url);
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await exited;
  };
  return {
    url,
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    kill,
    restart: async () => {
      await kill();
      child = await run(folder, port, url);
    },
    close: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function run(folder: string, port: number, url: string): Promise<ChildProcess> {
  const settings = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"];
  const child = spawn(SERVER!, settings, { stdio: "ignore" });
  const link = new RedisLink({ url, clock: systemClock, onChange: () => undefined });
  link.open();
  try {
    await eventually("Redis", () => {
      if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`);
      return link.isUp;
    });
  } finally {
    link.close();
  }
  return child;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
