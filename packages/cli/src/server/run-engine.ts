import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { ENGINE_ENVIRONMENT, ENGINE_MAIN } from "@arriero/engine";
import { ArrieroError, type ErrorBody } from "@arriero/spec";
import { engineSettings } from "../config/engine-settings.ts";
import { loadConfig } from "../config/load-config.ts";
import { newKey } from "../home/key-file.ts";
import { writePrivate } from "../home/private-file.ts";
import { EXIT, type ExitCode } from "../invocation/exit-code.ts";
import type { Session } from "../invocation/session.ts";
import { openStore } from "../models/open-store.ts";

type EngineLine =
  | { readonly event: "listening"; readonly url: string }
  | { readonly event: "ready" }
  | { readonly event: "failed"; readonly error: ErrorBody };

interface Token {
  readonly token: string;
  readonly file: string;
  /** We made the file and remove it at the end. */
  readonly ours: boolean;
}

async function tokenOf(given: unknown, session: Session): Promise<Token> {
  if (typeof given === "string") {
    const file = resolve(given);
    const text = await readFile(file, "utf8").catch(() => {
      throw new ArrieroError("config_invalid", `The token file ${file} cannot be read.`);
    });
    if (text.trim() === "") throw new ArrieroError("config_invalid", `The token file ${file} is empty.`);
    return { token: text.trim(), file, ours: false };
  }
  const token = newKey();
  const file = join(session.home.run, `engine-${process.pid}.token`);
  await writePrivate(file, `${token}\n`);
  return { token, file, ours: true };
}

/** `arriero engine`: one replica as a child of this process, until it ends or a signal comes. */
export async function runEngine(flags: Readonly<Record<string, unknown>>, session: Session): Promise<ExitCode> {
  const { env, err, home, out } = session;
  session.surviveBrokenPipe();
  const config = await loadConfig({ ...flags, port: flags.port ?? "0" }, env, home);
  const stored = await openStore(home).resolve(config.model);
  const { token, file, ours } = await tokenOf(flags["token-file"], session);
  const options = {
    ...engineSettings(config),
    id: `${stored.name.replace(/[^\w.-]/g, "-")}-${process.pid}`,
    model: {
      name: stored.name,
      path: stored.path,
      adapters: stored.adapters,
      ...(stored.template === null ? {} : { template: stored.template }),
    },
    host: config.host,
    port: config.port,
    token,
    snapshotDir: null,
    parentPid: process.pid,
  };
  const child = spawn(process.execPath, [ENGINE_MAIN], {
    env: { ...process.env, ...ENGINE_ENVIRONMENT, ARRIERO_ENGINE_OPTIONS: JSON.stringify(options) },
    stdio: ["pipe", "pipe", "pipe"],
    // A Ctrl-C of the terminal reaches us alone; we pass it on.
    detached: process.platform !== "win32",
  });
  child.stderr.pipe(process.stderr);
  let signals = 0;
  const stop = () => child.kill(signals++ === 0 ? "SIGTERM" : "SIGKILL");
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  let failure: ArrieroError | null = null;
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => {
    const event = JSON.parse(line) as EngineLine;
    switch (event.event) {
      case "listening":
        out.write(`${stored.name} at ${event.url}\ntoken in ${file}\n`);
        break;
      case "ready":
        out.write("ready\n");
        break;
      case "failed":
        failure = ArrieroError.from(event.error);
        break;
      default:
        event satisfies never;
    }
  });
  try {
    const code = await new Promise<number | null>((settle, reject) => {
      child.once("error", reject);
      child.once("close", settle);
    });
    if (failure !== null) throw failure;
    if (signals > 1) return EXIT.interrupted;
    if (code !== 0) err.write(`the engine ended with ${code === null ? "a signal" : `code ${code}`}\n`);
    return code === 0 || signals > 0 ? EXIT.ok : EXIT.failure;
  } finally {
    if (ours) await rm(file, { force: true });
  }
}
