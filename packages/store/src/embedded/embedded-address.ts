import { randomBytes } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { isSameProcess, type ProcessMark, processMark } from "./process-mark.ts";

/** Where the process that has the database open listens, on 127.0.0.1. */
export interface EmbeddedAddress {
  readonly port: number;
  readonly password: string;
  readonly process: ProcessMark;
}

/** A reader sees the old or the new file, never half of one. */
export async function publishAddress(path: string, port: number, password: string): Promise<void> {
  const address: EmbeddedAddress = { port, password, process: processMark() };
  const partial = `${path}.${randomBytes(4).toString("hex")}`;
  await writeFile(partial, JSON.stringify(address), { mode: 0o600, flag: "wx" });
  await rename(partial, path);
}

export async function withdrawAddress(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** The address, where there is one and its process is alive. */
export async function readAddress(path: string): Promise<EmbeddedAddress | null> {
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) return null;
  try {
    const value = JSON.parse(text) as EmbeddedAddress;
    return isSameProcess(value.process) ? value : null;
  } catch {
    return null;
  }
}
