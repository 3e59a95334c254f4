import { setTimeout as pause } from "node:timers/promises";
import { ArrieroError } from "@arriero/spec";
import { request } from "undici";
import type { Spawned } from "./spawned.ts";

const START_MS = 60_000;
const POLL_MS = 20;

/** Resolves once something answers HTTP on the port, whatever it says. Throws where the process ends before, or takes too long. */
export async function whenAnswering(port: number, { exited }: Spawned, what: string): Promise<void> {
  let hasExited = false;
  const end = () => {
    hasExited = true;
  };
  exited.then(end, end);
  const deadline = performance.now() + START_MS;
  while (!hasExited && performance.now() < deadline) {
    try {
      await (await request(`http://127.0.0.1:${port}/`, { headersTimeout: 2_000 })).body.dump();
      return;
    } catch {
      await pause(POLL_MS);
    }
  }
  throw new ArrieroError("replica_failed", `${what} did not start; see its log in the work folder.`);
}
