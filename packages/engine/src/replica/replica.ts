import { statSync } from "node:fs";
import { availableParallelism, freemem } from "node:os";
import { loadLibraries, WANTED_RELEASE } from "@arriero/ggml";
import type {
  EmbeddingRequest,
  EmbeddingResult,
  GenerationEvent,
  GenerationRequest,
  ModelDescription,
  ReplicaState,
  ReplicaStatus,
  RerankRequest,
  RerankResult,
} from "@arriero/spec";
import { ArrieroError } from "@arriero/spec";
import type { Logger } from "pino";
import { POOLING_TOKENS } from "../embed/pooling-context.ts";
import { GenerationService } from "../generate/generation-service.ts";
import { describeGguf } from "../gguf/describe-gguf.ts";
import { type GgufHeader, numberValue, textValue } from "../gguf/gguf-header.ts";
import { validateGguf } from "../gguf/validate-gguf.ts";
import { EngineMetrics } from "../metrics/engine-metrics.ts";
import type { EngineOptions } from "../options.ts";
import { PromptBuilder } from "../prompt/prompt-builder.ts";
import { VocabularyTokenizer } from "../prompt/vocabulary-tokenizer.ts";
import { WorkerClient } from "../worker/worker-client.ts";
import { defaultCells } from "./context-size.ts";
import { defaultThreads } from "./thread-count.ts";
import { ENGINE_VERSION } from "./version.ts";

/** Everything that exists once the model is loaded. */
interface Loaded {
  readonly service: GenerationService;
  readonly tokenizer: VocabularyTokenizer;
  readonly worker: WorkerClient;
  readonly description: ModelDescription;
  readonly prompts: PromptBuilder;
}

/**
 * One replica: a model, the worker that owns it, and the service in front. `load()` once, then `generate` and the
 * rest until `close()`.
 */
export class Replica {
  readonly metrics: EngineMetrics;
  readonly #options: EngineOptions;
  readonly #log: Logger;
  readonly #onDead: () => void;
  readonly #started = performance.now();
  #state: ReplicaState = "starting";
  #loaded: Loaded | null = null;
  #closing: Promise<void> | null = null;

  /** @param onDead the worker failed after it had loaded: the process should end and be restarted */
  constructor(options: EngineOptions, log: Logger, onDead: () => void) {
    this.#options = options;
    this.#log = log;
    this.#onDead = onDead;
    this.metrics = new EngineMetrics(options.model.name);
  }

  get state(): ReplicaState {
    return this.#state;
  }

  /** Checks the files, starts the worker and waits until the model is ready. @throws ArrieroError saying why not */
  async load(): Promise<void> {
    this.#state = "loading";
    const { model } = this.#options;
    try {
      const header = await validateGguf(model.path);
      for (const path of Object.values(model.adapters)) await validateGguf(path, "adapter");
      await this.#start(header);
      this.#state = "ready";
    } catch (thrown) {
      this.#state = "failed";
      throw thrown;
    }
  }

  status(): ReplicaStatus {
    const { stats } = this.metrics;
    return {
      id: this.#options.id,
      state: this.#state,
      model: this.#loaded?.description ?? null,
      pid: process.pid,
      version: ENGINE_VERSION,
      uptimeMs: performance.now() - this.#started,
      requestsRunning: stats.running,
      requestsWaiting: stats.waiting,
      kvCells: stats.cells,
      prefixHitRatio: this.metrics.prefixHitRatio,
      tokens: { prompt: stats.promptTokens, cached: stats.cachedTokens, generated: stats.generatedTokens },
      rssBytes: process.memoryUsage.rss(),
    };
  }

  generate(request: GenerationRequest): AsyncIterableIterator<GenerationEvent> {
    return this.#ready().service.generate(request);
  }

  async embed(request: EmbeddingRequest): Promise<EmbeddingResult> {
    const { worker, tokenizer } = this.#serving(request.model);
    const inputs = request.inputs.map((input) =>
      typeof input === "string" ? tokenizer.tokenize(input, true, false) : Int32Array.from(input),
    );
    const promptTokens = this.#checkPooling(inputs, tokenizer.size);
    const vectors = await worker.pool("embed", inputs);
    return {
      model: request.model,
      vectors: vectors.map((vector) => (request.normalize ? unit(vector) : Array.from(vector))),
      promptTokens,
    };
  }

  async rerank(request: RerankRequest): Promise<RerankResult> {
    const { worker, tokenizer, description } = this.#serving(request.model);
    if (!description.abilities.includes("rerank")) throw new ArrieroError("unsupported", `${request.model} has no ranking head`);
    const inputs = request.documents.map((document) => rankingInput(tokenizer, request.query, document));
    const promptTokens = this.#checkPooling(inputs, tokenizer.size);
    const scores = await worker.pool("rank", inputs);
    return { model: request.model, scores: scores.map((score) => score[0] ?? 0), promptTokens };
  }

  tokenize(text: string): number[] {
    return Array.from(this.#ready().tokenizer.tokenize(text, false, true));
  }

  detokenize(tokens: readonly number[]): string {
    const { tokenizer } = this.#ready();
    const wrong = tokens.find((token) => token >= tokenizer.size);
    if (wrong !== undefined)
      throw new ArrieroError("invalid_request", `token ${wrong} is not in 0..${tokenizer.size - 1}`, { param: "tokens" });
    return Buffer.concat(tokens.map((token) => tokenizer.piece(token))).toString("utf8");
  }

  /** Drains: takes nothing new, lets what runs finish within its time, writes the snapshot, frees the model. */
  close(): Promise<void> {
    this.#closing ??= this.#drain();
    return this.#closing;
  }

  async #start(header: GgufHeader): Promise<void> {
    // The main thread registers the backends before the worker looks for them.
    loadLibraries();
    const { model, maxRunning, queueLimit } = this.#options;
    const cells = this.#options.contextTokens > 0 ? this.#options.contextTokens : defaultCells(kvShape(header), freemem());
    const worker = new WorkerClient(
      {
        modelPath: model.path,
        adapters: model.adapters,
        cells,
        batchTokens: Math.max(this.#options.stepTokens, maxRunning),
        threads: this.#options.threads > 0 ? this.#options.threads : defaultThreads(parametersOf(header), availableParallelism()),
        gpuLayers: this.#options.gpuLayers,
        maxRunning,
        queueLimit,
        stepMs: this.#options.stepMs,
        snapshot:
          this.#options.snapshotDir === null
            ? null
            : { folder: this.#options.snapshotDir, bytes: this.#options.snapshotBytes, fingerprint: this.#fingerprint(cells) },
      },
      {
        onStep: (events, stats, stepMs) => {
          this.metrics.stepped(stats, stepMs);
          this.#loaded?.service.onStep(events);
        },
        onExit: (error) => {
          if (error === null || this.#closing !== null) return;
          this.#state = "failed";
          this.#loaded?.service.fail(error);
          this.#log.fatal({ error }, "the engine thread is gone");
          if (this.#loaded !== null) this.#onDead();
        },
      },
    );
    const tokenizer = new VocabularyTokenizer(model.path);
    const loaded = await worker.loaded;
    const adapters = Object.keys(model.adapters);
    const description = describeGguf(header, model.name, statSync(model.path).size, adapters, model.template ?? null);
    const prompts = new PromptBuilder(tokenizer, model.template ?? tokenizer.chatTemplate, () => new Date());
    const limits = { contextTokens: loaded.cells, queueLimit, maxRunning, adapters: new Set(adapters), modelName: model.name };
    const service = new GenerationService(worker, prompts, tokenizer, limits, this.metrics, () => performance.now());
    this.#loaded = { service, tokenizer, worker, description, prompts };
    this.#log.info({ loadMs: Math.round(loaded.loadMs), cells: loaded.cells, restoredPrefixes: loaded.restored }, "model loaded");
  }

  async #drain(): Promise<void> {
    const loaded = this.#loaded;
    if (this.#state !== "failed") this.#state = "draining";
    if (loaded !== null) {
      loaded.service.drain();
      const deadline = performance.now() + this.#options.drainMs;
      while (loaded.service.active > 0 && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
      loaded.service.abortAll(new ArrieroError("draining", "the replica was asked to stop before this answer was complete").body);
      const saved = await loaded.worker.close();
      loaded.tokenizer.dispose();
      this.#log.info({ savedPrefixes: saved }, "drained");
    }
    this.#state = "stopped";
  }

  #ready(): Loaded {
    if (this.#loaded === null || this.#state === "failed")
      throw new ArrieroError("replica_unavailable", `the replica is ${this.#state}`, { retryAfter: 1 });
    if (this.#state !== "ready" && this.#state !== "draining")
      throw new ArrieroError("replica_unavailable", `the replica is ${this.#state}`, { retryAfter: 1 });
    return this.#loaded;
  }

  #serving(model: string): Loaded {
    const loaded = this.#ready();
    if (model !== this.#options.model.name)
      throw new ArrieroError("model_not_found", `this replica serves ${this.#options.model.name}, not ${model}`);
    return loaded;
  }

  #checkPooling(inputs: readonly Int32Array[], vocabulary: number): number {
    let total = 0;
    for (const [index, input] of inputs.entries()) {
      const param = `input[${index}]`;
      if (input.length === 0) throw new ArrieroError("invalid_request", `${param} is empty`, { param });
      if (input.length > POOLING_TOKENS)
        throw new ArrieroError("context_length_exceeded", `${param} has ${input.length} tokens and ${POOLING_TOKENS} fit`, {
          param,
        });
      const wrong = input.find((token) => token >= vocabulary);
      if (wrong !== undefined)
        throw new ArrieroError("invalid_request", `${param} has token ${wrong}, the vocabulary ends at ${vocabulary - 1}`, {
          param,
        });
      total += input.length;
    }
    return total;
  }

  /** Cells are only worth keeping for the very same weights, adapters and cache geometry. */
  #fingerprint(cells: number): string {
    const { model } = this.#options;
    const files = [model.path, ...Object.values(model.adapters)].map(
      (path) => `${path}:${statSync(path).size}:${statSync(path).mtimeMs}`,
    );
    return [ENGINE_VERSION, WANTED_RELEASE, cells, ...files].join("|");
  }
}

function parametersOf(header: GgufHeader): number {
  return header.tensors.reduce((sum, tensor) => sum + tensor.elements, 0);
}

function kvShape(header: GgufHeader) {
  const architecture = textValue(header, "general.architecture") ?? "";
  const value = (key: string) => numberValue(header, `${architecture}.${key}`);
  const heads = value("attention.head_count") ?? 1;
  const headLength = Math.floor((value("embedding_length") ?? 0) / Math.max(1, heads));
  return {
    layers: value("block_count") ?? 1,
    headsKv: value("attention.head_count_kv") ?? heads,
    keyLength: value("attention.key_length") ?? headLength,
    valueLength: value("attention.value_length") ?? headLength,
    contextLength: value("context_length") ?? 0,
  };
}

function unit(vector: Float32Array): number[] {
  const norm = Math.hypot(...vector);
  return Array.from(vector, (value) => (norm === 0 ? 0 : value / norm));
}

/** The pair as ranking models want it: query, separator, document, each with its ends. */
function rankingInput(tokenizer: VocabularyTokenizer, query: string, document: string): Int32Array {
  const head = tokenizer.tokenize(query, true, false);
  const tail = tokenizer.tokenize(document, true, false);
  // The second text's leading CLS becomes the separator that the first one already carries.
  return Int32Array.from([...head, ...tail.subarray(tail.length > 0 && tail[0] === head[0] ? 1 : 0)]);
}
