import { connect } from "node:net";
import { requestBytes } from "./load-target.ts";
import type { StreamLoadPlan, StreamLoadResult } from "./stream-load.ts";
import { StreamWatch } from "./stream-watch.ts";

const READ_BYTES = 16 * 1024;
/** Streams opened in one go: an accept queue is not what is measured. */
const OPENED_TOGETHER = 5;
const OPENING_MS = 10;
/** A stream may take so many times its own length. */
const PATIENCE = 2;
const PATIENCE_MS = 5_000;

const plan = JSON.parse(process.argv[2] ?? "{}") as StreamLoadPlan;
const request = requestBytes(plan.target, { stream: true, max_tokens: plan.tokens, seed: plan.intervalMs });
const total = { stalls: 0, broken: 0, finished: 0, tokens: 0, longestWaitMs: 0 };
const startedAt = performance.now();
const lengthMs = plan.tokens * plan.intervalMs;
let open = 0;
let opened = 0;
let firstFullAt: number | null = null;
let tokensBeforeFull = 0;
let lastFullAt = 0;
let tokensAtLastFull = 0;
const live = new Set<StreamWatch>();

const mayRepeat = () => performance.now() - startedAt < plan.repeatSeconds * 1000;
const tokensSoFar = () => [...live].reduce((sum, watch) => sum + watch.tokens, total.tokens);

/** All streams of this place, one after the other. */
function stream(): void {
  open++;
  const watch = new StreamWatch(performance.now());
  live.add(watch);
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  const socket = connect({
    ...{ host: "127.0.0.1", port: plan.target.port, noDelay: true },
    onread: {
      buffer,
      callback(length: number) {
        watch.read(buffer.subarray(0, length), performance.now());
        if (watch.isDone) socket.destroy();
        return true;
      },
    },
  });
  socket.on("connect", () => socket.write(request));
  socket.on("error", () => undefined);
  const giveUp = setTimeout(() => socket.destroy(), lengthMs * PATIENCE + PATIENCE_MS);
  socket.on("close", () => {
    clearTimeout(giveUp);
    noteFull();
    watch.end(performance.now());
    live.delete(watch);
    open--;
    total.stalls += watch.stalls;
    total.tokens += watch.tokens;
    total.longestWaitMs = Math.max(total.longestWaitMs, watch.longestMs);
    if (watch.isDone) total.finished++;
    else total.broken++;
    if (mayRepeat()) setTimeout(stream, watch.isDone ? 0 : 100);
    else if (open === 0 && opened === plan.streams) report();
  });
}

function noteFull(): void {
  if (firstFullAt === null || open < plan.streams) return;
  lastFullAt = performance.now();
  tokensAtLastFull = tokensSoFar();
}

function report(): void {
  const { system, user } = process.cpuUsage();
  const seconds = (performance.now() - startedAt) / 1000;
  const fullSeconds = firstFullAt === null ? 0 : (lastFullAt - firstFullAt) / 1000;
  const { stalls, broken, finished, longestWaitMs } = total;
  const result: StreamLoadResult = {
    ...{ stalls, broken, finished, longestWaitMs },
    tokensPerSecond: fullSeconds > 0 ? (tokensAtLastFull - tokensBeforeFull) / fullSeconds : total.tokens / seconds,
    generatorShare: (system + user) / 1e6 / seconds,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

const opening = setInterval(() => {
  for (let i = 0; i < OPENED_TOGETHER && opened < plan.streams; i++) {
    opened++;
    stream();
  }
  if (opened < plan.streams) return;
  clearInterval(opening);
  firstFullAt = performance.now();
  tokensBeforeFull = tokensSoFar();
}, OPENING_MS);
