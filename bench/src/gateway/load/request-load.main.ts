import { connect, type Socket } from "node:net";
import { percentile } from "../../stats/percentile.ts";
import { answerEnd } from "./answer-end.ts";
import { requestBytes } from "./load-target.ts";
import type { RequestLoadPlan, RequestLoadResult } from "./request-load.ts";

/** Bare sockets and requests made once: a generator that costs little, since it shares the machine with what it measures. */
const READ_BYTES = 64 * 1024;
/** Free connections are asked this often whether a request is due, at a fixed rate. */
const TICK_MS = 1;

const plan = JSON.parse(process.argv[2] ?? "{}") as RequestLoadPlan;
const request = requestBytes(plan.target, {});
const latencies: number[] = [];
let failures = 0;
let isOver = false;

class Connection {
  #socket: Socket | null = null;
  #pending: Buffer | null = null;
  #sentAt = 0;
  readonly #onFree: (connection: Connection) => void;

  constructor(onFree: (connection: Connection) => void) {
    this.#onFree = onFree;
    this.#open();
  }

  /** @param dueAt from when the wait counts */
  send(dueAt: number): void {
    this.#sentAt = dueAt;
    this.#socket?.write(request);
  }

  close(): void {
    this.#socket?.destroy();
  }

  #open(): void {
    const onread = {
      buffer: Buffer.allocUnsafe(READ_BYTES),
      callback: (length: number, buffer: Uint8Array) => {
        this.#read(Buffer.from(buffer.buffer, buffer.byteOffset, length));
        return true;
      },
    };
    const socket = connect({ host: "127.0.0.1", port: plan.target.port, noDelay: true, onread });
    socket.on("connect", () => this.#onFree(this));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (isOver) return;
      failures++;
      this.#pending = null;
      setTimeout(() => !isOver && this.#open(), 10);
    });
    this.#socket = socket;
  }

  #read(bytes: Buffer): void {
    const all = this.#pending === null ? bytes : Buffer.concat([this.#pending, bytes]);
    const state = answerEnd(all);
    if (state.kind === "incomplete") {
      // The buffer is used again for the next read.
      this.#pending = this.#pending === null ? Buffer.from(bytes) : all;
      return;
    }
    this.#pending = null;
    if (isOver) return;
    if (state.status === 200) latencies.push(performance.now() - this.#sentAt);
    else failures++;
    this.#onFree(this);
  }
}

const free: Connection[] = [];
const askAgain = (connection: Connection) => {
  if (!isOver) connection.send(performance.now());
};
const rest = (connection: Connection) => void free.push(connection);

const connections = Array.from({ length: plan.connections }, () => new Connection(plan.rate === null ? askAgain : rest));
const startedAt = performance.now();
const cpuBefore = process.cpuUsage();

let ticker: NodeJS.Timeout | null = null;
if (plan.rate !== null) {
  const gapMs = 1000 / plan.rate;
  let dueAt = startedAt + 200;
  ticker = setInterval(() => {
    const now = performance.now();
    // A timer's own lateness is no latency of the gateway's; a wait for a free connection is.
    while (dueAt <= now && free.length > 0) {
      const late = now - dueAt;
      free.pop()!.send(late > 2 * TICK_MS + gapMs ? dueAt : now);
      dueAt += gapMs;
    }
  }, TICK_MS);
}

setTimeout(() => {
  isOver = true;
  if (ticker !== null) clearInterval(ticker);
  const seconds = (performance.now() - startedAt) / 1000;
  const { system, user } = process.cpuUsage(cpuBefore);
  for (const connection of connections) connection.close();
  const result: RequestLoadResult = {
    perSecond: latencies.length / seconds,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    failures,
    generatorShare: (system + user) / 1e6 / seconds,
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}, plan.seconds * 1000);
