import { listDevices, loadLibraries, Model, type Threadpool } from "@arriero/ggml";
import type { GgufHeader } from "../gguf/gguf-header.ts";
import { readGguf } from "../gguf/read-gguf.ts";
import { GraphRunner } from "./graph/graph-runner.ts";
import { readModelShape } from "./graph/model-shape.ts";
import { LlamaRunner, type LlamaRunnerOptions } from "./llama-runner.ts";
import type { Runner } from "./runner.ts";

/** `auto`: a graph of our own where it can compute the model, else libllama's. */
export type RunnerKind = "auto" | "libllama";

export interface OpenedRunner {
  readonly runner: Runner;
  readonly name: "graph" | "libllama";
  /** Why libllama's was taken though another was wanted, for the log; null where it was not. */
  readonly because: string | null;
  readonly threads: number;
  readonly threadpool: Threadpool | null;
  /** The model in libllama, for embeddings: loaded on first use where the runner does without. */
  model(): Model;
  dispose(): void;
}

/** @throws NativeError where the model does not load */
export async function openRunner(options: LlamaRunnerOptions, kind: RunnerKind): Promise<OpenedRunner> {
  const header = await readGguf(options.modelPath);
  const shape = kind === "libllama" ? "as configured" : onGpu(options) ? "a GPU" : readModelShape(header);
  if (typeof shape === "string") {
    const runner = new LlamaRunner(options);
    const { threads, threadpool } = runner;
    const parts = { name: "libllama" as const, because: shape, threads, threadpool };
    return { runner, ...parts, model: () => runner.model, dispose: () => runner.dispose() };
  }
  const adapterHeaders = await readHeaders(options.adapters);
  const runner = new GraphRunner({ ...options, header, shape, adapterHeaders });
  let model: Model | null = null;
  return {
    runner,
    name: "graph",
    because: null,
    threads: options.threads,
    threadpool: runner.threadpool,
    model: () => (model ??= Model.load(options.modelPath, { gpuLayers: 0 })),
    dispose: () => {
      model?.dispose();
      runner.dispose();
    },
  };
}

function onGpu({ gpuLayers }: LlamaRunnerOptions): boolean {
  loadLibraries();
  return gpuLayers !== 0 && listDevices().devices.some((device) => device.kind !== "cpu");
}

/** Of the adapters that can be read: the others fail when they are asked for. */
async function readHeaders(adapters: Readonly<Record<string, string>>): Promise<Record<string, GgufHeader>> {
  const headers: Record<string, GgufHeader> = {};
  for (const [name, path] of Object.entries(adapters)) {
    const header = await readGguf(path).catch(() => null);
    if (header !== null) headers[name] = header;
  }
  return headers;
}
