import { statSync } from "node:fs";
import { availableParallelism, freemem } from "node:os";
import { loadLibraries, WANTED_RELEASE } from "@arriero/ggml";
import type {
  EmbeddingRequest,
  EmbeddingResult,
  GenerationEvent,
  GenerationRequest,
  HeldPrefixes,
  ModelDescription,
  ReplicaState,
  ReplicaStatus,
  RerankRequest,
  RerankResult,
  TokenizeRequest,
  TokenizeResult,
} from "@arriero/spec";
import { ArrieroError } from "@arriero/spec";
import type { Logger } from "pino";
import { PoolingService } from "../embed/pooling-service.ts";
import { GenerationService } from "../generate/generation-service.ts";
import { heldMarks } from "../generate/marked-prompts.ts";
import { describeGguf } from "../gguf/describe-gguf.ts";
import type { GgufHeader } from "../gguf/gguf-header.ts";
import { validateGguf } from "../gguf/validate-gguf.ts";
import { EngineMetrics } from "../metrics/engine-metrics.ts";
import type { EngineOptions } from "../options.ts";
import { PromptBuilder } from "../prompt/prompt-builder.ts";
import { tokenTexts } from "../prompt/token-texts.ts";
import { VocabularyTokenizer } from "../prompt/vocabulary-tokenizer.ts";
import { WorkerClient } from "../worker/worker-client.ts";
import { defaultCells } from "./context-size.ts";
import { kvShape, parametersOf } from "./gguf-sizes.ts";
import { defaultThreads } from "./thread-count.ts";
import { ENGINE_VERSION } from "./version.ts";

/** Everything that exists once the model is loaded. */
interface Loaded {
  readonly service: GenerationService;
  readonly tokenizer: VocabularyTokenizer;
  readonly prompts: PromptBuilder;
  readonly worker: WorkerClient;
  readonly description: ModelDescription;
  readonly pooling: PoolingService;
}

/**
 * One replica: a model, the worker that owns it, and the service in front. `load()` once, then `generate` and the
 * rest until `close()`.
 */
export class Replica {
  readonly metrics: EngineMetrics;
  /** Resolves when a drain begins, by whomever it was asked for. */
  readonly draining: Promise<void>;
  #tellDraining!: () => void;
  readonly #options: EngineOptions;
  readonly #log: Logger;
  readonly #onDead: () => void;
  readonly #started = performance.now();
  /** When the worker, which reports at least once a second, was last heard of. */
  #heard = performance.now();
  #state: ReplicaState = "starting";
  #loaded: Loaded | null = null;
  #closing: Promise<void> | null = null;

  /** @param onDead the worker failed after it had loaded: the process should end and be restarted */
  constructor(options: EngineOptions, log: Logger, onDead: () => void) {
    this.#options = options;
    this.#log = log;
    this.#onDead = onDead;
    this.metrics = new EngineMetrics(options.model.name);
    this.draining = new Promise((resolve) => {
      this.#tellDraining = resolve;
    });
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

  /** Which of the prompts' beginnings that it was sent it need not compute again. */
  async prefixes(): Promise<HeldPrefixes> {
    const { description, service, worker } = this.#ready();
    const prompts = service.marked.all();
    const held = await worker.held(prompts.map(({ adapter, tokens }) => ({ adapter, tokens })));
    return { prefixes: heldMarks(prompts, held), adapters: description.adapters };
  }

  generate(request: GenerationRequest): AsyncIterableIterator<GenerationEvent> {
    return this.#ready().service.generate(request);
  }

  embed(request: EmbeddingRequest): Promise<EmbeddingResult> {
    return this.#serving(request.model).pooling.embed(request);
  }

  rerank(request: RerankRequest): Promise<RerankResult> {
    return this.#serving(request.model).pooling.rerank(request);
  }

  tokenize({ input, model, text, wantTexts }: TokenizeRequest): TokenizeResult {
    const { prompts, tokenizer } = model === undefined ? this.#ready() : this.#serving(model);
    const tokens = input === undefined ? tokenizer.tokenize(text ?? "", false, true) : prompts.tokenize(input);
    const ids = Array.from(tokens);
    return wantTexts ? { tokens: ids, texts: tokenTexts(ids, tokenizer) } : { tokens: ids };
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
        runner: this.#options.runner,
        maxRunning,
        queueLimit,
        stepMs: this.#options.stepMs,
        parkedBytes: this.#options.parkedBytes,
        snapshot:
          this.#options.snapshotDir === null
            ? null
            : { folder: this.#options.snapshotDir, bytes: this.#options.snapshotBytes, fingerprint: this.#fingerprint(cells) },
      },
      {
        onStep: (events, stats, stepMs) => {
          this.#heard = performance.now();
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
    const pooling = new PoolingService(worker, tokenizer, description.abilities.includes("rerank"));
    this.#loaded = { service, tokenizer, prompts, worker, description, pooling };
    this.#heard = performance.now();
    this.#watch();
    const { loadMs, restored, runner } = loaded;
    this.#log.info({ loadMs: Math.round(loadMs), cells: loaded.cells, restoredPrefixes: restored, runner }, "model loaded");
  }

  /** A thread stuck in native code cannot be ended, not even by `process.exit`: only the process can. */
  #watch(): void {
    const { stallMs } = this.#options;
    const check = () => {
      if (performance.now() - this.#heard < stallMs || this.#closing !== null) return;
      this.#log.fatal({ stallMs }, "the engine thread does not come back");
      process.kill(process.pid, "SIGKILL");
    };
    setInterval(check, Math.max(50, stallMs / 10)).unref();
  }

  async #drain(): Promise<void> {
    const loaded = this.#loaded;
    this.#tellDraining();
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
    const serves = this.#state === "ready" || this.#state === "draining";
    if (this.#loaded === null || !serves)
      throw new ArrieroError("replica_unavailable", `the replica is ${this.#state}`, { retryAfter: 1 });
    return this.#loaded;
  }

  #serving(model: string): Loaded {
    const loaded = this.#ready();
    if (model !== this.#options.model.name)
      throw new ArrieroError("model_not_found", `this replica serves ${this.#options.model.name}, not ${model}`);
    return loaded;
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
