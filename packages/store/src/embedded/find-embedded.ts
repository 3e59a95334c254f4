import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { ArrieroError } from "@arriero/spec";
import type { Clock } from "../clock.ts";
import { type EmbeddedAddress, readAddress } from "./embedded-address.ts";
import { embeddedFolder } from "./embedded-folder.ts";

export interface EmbeddedOptions {
  readonly folder: string;
  readonly clock: Clock;
  /** Script of the process; only tests name another. */
  readonly entry?: string;
  readonly signal?: AbortSignal;
}

const ENTRY = fileURLToPath(new URL("./embedded.main.js", import.meta.url));
/** A new database takes seconds, on a small and busy machine minutes. */
const READY_MS = 300_000;
const POLL_MS = 20;
/** Another has the folder, and may take minutes to make a database: from one start to the next, doubled each time. */
const RESTART_MS = { first: 250, last: 5_000 };
const CONNECT_MS = 5_000;
const LOG_TAIL = 500;

/**
 * The address of the process that has the folder's database open, which is started when there is none. Several callers
 * find the same one. Throws store_unavailable.
 */
export async function findEmbedded(options: EmbeddedOptions): Promise<EmbeddedAddress> {
  const { clock, folder, signal } = options;
  const places = embeddedFolder(folder);
  const until = clock.now() + READY_MS;
  let child: Started | null = null;
  let startAt = 0;
  let pauseMs: number = RESTART_MS.first;
  for (;;) {
    signal?.throwIfAborted();
    const address = await readAddress(places.address);
    if (address !== null && (await answers(address.port))) return address;
    if (child?.failure != null) throw failed(child.failure, places.log);
    // Its own may have found that another has the folder, which is about to come or to leave.
    if ((child === null || child.ended) && clock.now() >= startAt) {
      child = start(options.entry ?? ENTRY, folder, places.log);
      startAt = clock.now() + pauseMs;
      pauseMs = Math.min(pauseMs * 2, RESTART_MS.last);
    }
    if (clock.now() > until) throw failed(`it was not ready within ${READY_MS / 1000} s`, places.log);
    await new Promise<void>((resolve) => clock.after(POLL_MS, resolve));
  }
}

interface Started {
  ended: boolean;
  failure: string | null;
}

/** In a session of its own: it outlives whoever started it, while others use it. */
function start(entry: string, folder: string, log: string): Started {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const output = openSync(log, "a", 0o600);
  const state: Started = { ended: false, failure: null };
  const child = spawn(process.execPath, [entry, folder], {
    detached: true,
    stdio: ["ignore", output, output],
    windowsHide: true,
  });
  closeSync(output);
  child.once("error", (error) => {
    state.failure = error.message;
  });
  child.once("exit", (code, signal) => {
    state.ended = true;
    if (code !== 0) state.failure = `it ended with ${code ?? signal}`;
  });
  child.unref();
  return state;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, timeout: CONNECT_MS });
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", end(true)).once("error", end(false)).once("timeout", end(false));
  });
}

function failed(why: string, log: string): ArrieroError {
  let tail = "";
  try {
    tail = readFileSync(log, "utf8").slice(-LOG_TAIL).trim();
  } catch {
    // Without a log there is nothing to add.
  }
  return new ArrieroError("store_unavailable", `The embedded database did not start: ${why}.${tail === "" ? "" : `\n${tail}`}`, {
    hint: `See ${log}.`,
  });
}
