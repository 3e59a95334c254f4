import type { MessagePort } from "node:worker_threads";
import { MessageChannel, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { ErrorBody } from "@arriero/spec";
import { ArrieroError } from "@arriero/spec";
import type { SequenceJob } from "../step/sequence.ts";
import type { StepEvent, StepStats } from "../step/step-event.ts";
import type { PoolingJob, PromptQuestion, WorkerCommand, WorkerOptions, WorkerReport } from "./protocol.ts";

export interface WorkerListener {
  /** Everything one step did, in order. */
  onStep(events: readonly StepEvent[], stats: StepStats, stepMs: number): void;
  /** The worker is gone; no further call follows. Null: it closed as asked. */
  onExit(error: ErrorBody | null): void;
}

export interface LoadedModel {
  readonly cells: number;
  readonly restored: number;
  readonly loadMs: number;
  /** Which runner computes, and why not the other one. */
  readonly runner: string;
}

const POOLING_QUEUE = 256;

/** The main thread's end of the worker that owns the model. */
export class WorkerClient {
  readonly #port: MessagePort;
  readonly #worker: Worker;
  readonly #doorbell: Int32Array;
  readonly #listener: WorkerListener;
  readonly #pooling = new Map<number, (result: readonly Float32Array[] | ErrorBody) => void>();
  readonly #asking = new Map<number, (held: readonly number[]) => void>();
  readonly loaded: Promise<LoadedModel>;
  #settleLoaded!: { resolve(model: LoadedModel): void; reject(error: ArrieroError): void };
  #closed: ((saved: number) => void) | null = null;
  #nextId = 0;
  #saidClosed = false;
  #exited = false;

  constructor(options: Omit<WorkerOptions, "doorbell">, listener: WorkerListener) {
    this.#doorbell = new Int32Array(new SharedArrayBuffer(4));
    this.#listener = listener;
    this.loaded = new Promise((resolve, reject) => {
      this.#settleLoaded = { resolve, reject };
    });
    // The caller may only look at `loaded` later.
    this.loaded.catch(() => {});
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const workerOptions: WorkerOptions = { ...options, doorbell: this.#doorbell };
    this.#worker = new Worker(new URL("./worker.main.js", import.meta.url), {
      workerData: { options: workerOptions, port: port2 },
      transferList: [port2],
    });
    this.#port.on("message", (message: WorkerReport) => this.#receive(message));
    this.#worker.on("error", (error) =>
      this.#exit(new ArrieroError("replica_failed", `the engine thread failed: ${error.message}`).body),
    );
    this.#worker.on("exit", (code) => {
      // Its last words may still be on their way.
      for (let left = receiveMessageOnPort(this.#port); left !== undefined; left = receiveMessageOnPort(this.#port))
        this.#receive(left.message as WorkerReport);
      this.#exit(this.#saidClosed ? null : new ArrieroError("replica_failed", `the engine thread ended with ${code}`).body);
    });
  }

  submit(jobs: readonly SequenceJob[]): void {
    this.#send({ kind: "submit", jobs });
  }

  cancel(keys: readonly number[]): void {
    this.#send({ kind: "cancel", keys });
  }

  /** Vectors of the inputs, one each. @throws queue_full where too many wait. */
  async pool(kind: PoolingJob["kind"], inputs: readonly Int32Array[]): Promise<readonly Float32Array[]> {
    if (this.#pooling.size >= POOLING_QUEUE)
      throw new ArrieroError("queue_full", `${POOLING_QUEUE} embedding requests are waiting`, { retryAfter: 1 });
    const id = this.#nextId++;
    const result = await new Promise<readonly Float32Array[] | ErrorBody>((resolve) => {
      this.#pooling.set(id, resolve);
      this.#send({ kind: "pool", job: { id, kind, inputs } });
    });
    if ("code" in result) throw ArrieroError.from(result);
    return result;
  }

  /** Tokens of each prompt that the cache holds; nothing of any where the worker is gone. */
  held(prompts: readonly PromptQuestion[]): Promise<readonly number[]> {
    if (this.#exited || prompts.length === 0) return Promise.resolve([]);
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#asking.set(id, resolve);
      this.#send({ kind: "held", id, prompts });
    });
  }

  /** Writes the snapshot and frees the model. Returns the number of prefixes saved. */
  close(): Promise<number> {
    if (this.#exited) return Promise.resolve(0);
    return new Promise((resolve) => {
      this.#closed = resolve;
      this.#send({ kind: "close" });
    });
  }

  #send(command: WorkerCommand): void {
    this.#port.postMessage(command);
    Atomics.add(this.#doorbell, 0, 1);
    Atomics.notify(this.#doorbell, 0);
  }

  #receive(message: WorkerReport): void {
    switch (message.kind) {
      case "loaded":
        this.#settleLoaded.resolve(message);
        return;
      case "failed":
        this.#settleLoaded.reject(ArrieroError.from(message.error));
        this.#exit(message.error);
        return;
      case "step":
        this.#listener.onStep(message.events, message.stats, message.stepMs);
        return;
      case "pooled": {
        const resolve = this.#pooling.get(message.id);
        this.#pooling.delete(message.id);
        resolve?.(message.result);
        return;
      }
      case "held":
        this.#asking.get(message.id)?.(message.held);
        this.#asking.delete(message.id);
        return;
      case "closed": {
        this.#saidClosed = true;
        const resolve = this.#closed;
        this.#closed = null;
        resolve?.(message.saved);
        return;
      }
      default:
        message satisfies never;
    }
  }

  #exit(error: ErrorBody | null): void {
    if (this.#exited) return;
    this.#exited = true;
    this.#port.close();
    const fault = error ?? new ArrieroError("draining", "this replica was closed").body;
    this.#settleLoaded.reject(ArrieroError.from(fault));
    for (const resolve of this.#pooling.values()) resolve(fault);
    this.#pooling.clear();
    for (const resolve of this.#asking.values()) resolve([]);
    this.#asking.clear();
    this.#closed?.(0);
    this.#listener.onExit(error);
  }
}
