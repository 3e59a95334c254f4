import { Worker } from "node:worker_threads";

/** Between two beats. */
const BEAT_MS = 2_000;

/**
 * The beats: the lock's time of change is now. A thread of its own, since the main one stands still for seconds while
 * Postgres works, and for minutes while a database is made. Who finds another's mark in its lock was taken for dead,
 * and must not write any more.
 */
const BEATS = `
  const { readFileSync, utimesSync } = require("node:fs");
  const { workerData } = require("node:worker_threads");
  let missed = 0;
  setInterval(() => {
    try {
      if (readFileSync(workerData.path, "utf8") !== workerData.text) process.kill(process.pid, "SIGKILL");
      utimesSync(workerData.path, new Date(), new Date());
      missed = 0;
    } catch (error) {
      // It is away for a moment while another looks whether it is dead.
      if (error.code === "ENOENT" && ++missed > 1) process.kill(process.pid, "SIGKILL");
    }
  }, workerData.beatMs);`;

/** Keeps the lock at `path`, which holds `text`, young until the function returned is called. */
export function startHeartbeat(path: string, text: string): () => Promise<void> {
  const worker = new Worker(BEATS, { eval: true, workerData: { path, text, beatMs: BEAT_MS } });
  worker.unref();
  return async () => void (await worker.terminate());
}
