import type { MessagePort } from "node:worker_threads";
import { receiveMessageOnPort, workerData } from "node:worker_threads";
import { NativeError } from "@arriero/ggml";
import { ArrieroError } from "@arriero/spec";
import { PoolingContext } from "../embed/pooling-context.ts";
import { restoreSnapshot, saveSnapshot } from "../kv/snapshot.ts";
import { openRunner } from "../runner/open-runner.ts";
import { StepLoop } from "../step/step-loop.ts";
import type { WorkerCommand, WorkerOptions, WorkerReport } from "./protocol.ts";

/** How long an idle worker sleeps before it looks around by itself. */
const IDLE_MS = 1000;

const { options, port } = workerData as { options: WorkerOptions; port: MessagePort };

function report(message: WorkerReport): void {
  port.postMessage(message);
}

function loadFailure(thrown: unknown): ArrieroError {
  if (thrown instanceof NativeError) {
    const code =
      thrown.kind === "missing" ? "native_missing" : thrown.kind === "mismatch" ? "native_mismatch" : "model_load_failed";
    return new ArrieroError(code, thrown.message, { cause: thrown });
  }
  return ArrieroError.wrap(thrown);
}

/**
 * The thread that owns model and context. It never yields to an event loop: it takes commands between steps with
 * `receiveMessageOnPort` and sleeps on the doorbell when there is nothing to do, so a step is never late.
 */
async function main(): Promise<void> {
  const started = performance.now();
  const opened = await openRunner(options, options.runner);
  const { runner } = opened;
  const loop = new StepLoop(runner, { ...options, clock: () => performance.now() });
  const pooling = new PoolingContext(opened);
  // Each runner lays out the bytes of its cells in its own way.
  const snapshot =
    options.snapshot === null ? null : { ...options.snapshot, fingerprint: `${options.snapshot.fingerprint} ${opened.name}` };
  const restored = snapshot === null ? 0 : restoreSnapshot(loop.cache, snapshot);
  const loadMs = performance.now() - started;
  const { name, because } = opened;
  report({
    kind: "loaded",
    cells: runner.limits.cells,
    restored,
    loadMs,
    runner: because === null ? name : `${name}: ${because}`,
  });

  for (;;) {
    const seen = Atomics.load(options.doorbell, 0);
    for (let envelope = receiveMessageOnPort(port); envelope !== undefined; envelope = receiveMessageOnPort(port)) {
      const command = envelope.message as WorkerCommand;
      switch (command.kind) {
        case "submit":
          for (const job of command.jobs) loop.submit(job);
          break;
        case "cancel":
          for (const key of command.keys) loop.cancel(key);
          break;
        case "pool":
          pooling.submit(command.job);
          break;
        case "held":
          report({
            kind: "held",
            id: command.id,
            held: command.prompts.map(({ adapter, tokens }) => loop.cache.heldTokens(adapter, tokens)),
          });
          break;
        case "close": {
          const saved = snapshot === null ? 0 : saveSnapshot(loop.cache, snapshot);
          pooling.dispose();
          opened.dispose();
          report({ kind: "closed", saved });
          port.close();
          return;
        }
        default:
          command satisfies never;
      }
    }
    const pooled = pooling.step();
    if (pooled !== null) report({ kind: "pooled", ...pooled });
    if (loop.idle && pooling.idle) {
      // Cancelled or refused requests may have left events or changed the figures.
      report({ kind: "step", events: loop.step(), stats: loop.stats(), stepMs: 0 });
      Atomics.wait(options.doorbell, 0, seen, IDLE_MS);
      continue;
    }
    const before = performance.now();
    const events = loop.step();
    report({ kind: "step", events, stats: loop.stats(), stepMs: performance.now() - before });
  }
}

main().catch((thrown: unknown) => report({ kind: "failed", error: loadFailure(thrown).body }));
