import {
  Candidates,
  Context,
  LoraAdapter,
  listDevices,
  MAX_SEQUENCES,
  Model,
  NativeError,
  StepBatch,
  Threadpool,
} from "@arriero/ggml";
import { ArrieroError } from "@arriero/spec";
import { paddingTokens, TILE_TOKENS } from "./attention-tile.ts";
import type { BatchToken, Runner, RunnerLimits, Sampler, SamplerRequest } from "./runner.ts";
import { VocabularySamplers } from "./vocabulary-samplers.ts";

export interface LlamaRunnerOptions {
  readonly modelPath: string;
  /** Name -> GGUF. */
  readonly adapters: Readonly<Record<string, string>>;
  readonly cells: number;
  readonly batchTokens: number;
  readonly threads: number;
  /** -1: all. */
  readonly gpuLayers: number;
}

/**
 * How long idle compute threads spin before they sleep, 0..100. Measured on two cores: high enough that the gaps
 * between layers are bridged, low enough that the HTTP thread gets its core.
 */
export const POLL = 50;

/** The runner on libllama: every architecture llama.cpp loads. */
export class LlamaRunner implements Runner {
  readonly limits: RunnerLimits;
  readonly sharesPrefixes: boolean;
  readonly mixesPhases: boolean;
  readonly mixesAdapters = false;
  readonly idleCellsCost = true;
  readonly model: Model;
  readonly threads: number;
  readonly #context: Context;
  readonly #threadpool: Threadpool | null;
  readonly #batch: StepBatch;
  readonly #samplers: VocabularySamplers;
  readonly #adapterPaths: Readonly<Record<string, string>>;
  readonly #adapters = new Map<string, LoraAdapter>();
  /** The weight of a token's matrix work against its attention; see `paddingTokens`. */
  readonly #width: number;
  /** Cells that the batch's longest sequence attends to. */
  #longest = 0;
  #batchAdapter = "";

  constructor(options: LlamaRunnerOptions) {
    this.model = Model.load(options.modelPath, { gpuLayers: options.gpuLayers });
    this.threads = options.threads;
    this.#threadpool = Threadpool.create(this.model.llama, { threads: options.threads, poll: POLL });
    this.#context = new Context(
      this.model,
      {
        cells: options.cells + TILE_TOKENS,
        sequences: MAX_SEQUENCES,
        batchTokens: options.batchTokens,
        threads: options.threads,
      },
      this.#threadpool,
    );
    this.#batch = new StepBatch(this.#context, options.batchTokens);
    this.mixesPhases = options.gpuLayers !== 0 && listDevices().devices.some((device) => device.kind !== "cpu");
    this.#width = this.model.parameters / this.model.layers / this.model.embeddingLength;
    this.#samplers = new VocabularySamplers(this.model, new Candidates(this.model, this.model.vocabulary.size));
    this.#adapterPaths = options.adapters;
    this.sharesPrefixes = !this.model.keepsRecurrentState;
    this.limits = {
      // The last tile of cells and the last sequence are the padding's.
      cells: this.#context.cells - TILE_TOKENS,
      pageCells: 1,
      sequences: this.#context.sequences - 1,
      batchTokens: options.batchTokens,
      decodeTokens: this.mixesPhases ? options.batchTokens : Math.min(options.batchTokens, TILE_TOKENS - 1),
      vocabulary: this.model.vocabulary.size,
    };
  }

  get #paddingSequence(): number {
    return this.limits.sequences;
  }

  /** The threads that compute, to be shared with an embedding context. */
  get threadpool(): Threadpool | null {
    return this.#threadpool;
  }

  prepare(adapter: string): void {
    if (adapter !== "") this.#adapter(adapter);
  }

  begin(): void {
    this.#batch.clear();
    this.#longest = 0;
  }

  add({ token, position, sequence, adapter, wantsLogits }: BatchToken): number {
    if (this.#batch.length === 0) {
      this.#context.useAdapter(adapter === "" ? null : this.#adapter(adapter));
      this.#batchAdapter = adapter;
    } else if (adapter !== this.#batchAdapter) {
      throw new NativeError("refused", `a batch under ${this.#batchAdapter} takes no token under ${adapter}`);
    }
    this.#longest = Math.max(this.#longest, position + 1);
    return this.#batch.add(token, position, sequence, wantsLogits);
  }

  run(): "ok" | "no-room" {
    const padding = this.mixesPhases ? 0 : paddingTokens(this.#batch.length, this.#longest, this.#width);
    const room = Math.min(padding, this.limits.batchTokens - this.#batch.length);
    for (let i = 0; i < room; i++) this.#batch.add(0, i, this.#paddingSequence, false);
    const result = this.#context.decode(this.#batch);
    if (room > 0) this.#context.removeSequence(this.#paddingSequence, 0, -1);
    return result;
  }

  logits(index: number): Float32Array {
    return this.#context.logits(index);
  }

  share(source: number, target: number, from: number, to: number): void {
    this.#context.copySequence(source, target, from, to);
  }

  forget(sequence: number, from: number, to: number | null): void {
    if (!this.#context.removeSequence(sequence, from, to ?? -1))
      throw new NativeError("refused", `sequence ${sequence} cannot be cut at ${from}..${to ?? "end"}`);
  }

  freeCells(): number {
    return Number.POSITIVE_INFINITY;
  }

  lastPosition(sequence: number): number {
    return this.#context.lastPosition(sequence);
  }

  createSampler(request: SamplerRequest): Sampler {
    return this.#samplers.create(request);
  }

  isEndOfGeneration(token: number): boolean {
    return this.model.vocabulary.isEndOfGeneration(token);
  }

  size(sequence: number): number {
    return this.#context.sequenceBytes(sequence);
  }

  read(sequence: number): Uint8Array | null {
    return this.#context.readSequence(sequence);
  }

  write(sequence: number, cells: Uint8Array): boolean {
    return this.#context.writeSequence(sequence, cells);
  }

  dispose(): void {
    this.model.dispose();
    this.#threadpool?.dispose();
  }

  #adapter(name: string): LoraAdapter {
    const known = this.#adapters.get(name);
    if (known !== undefined) return known;
    const path = this.#adapterPaths[name];
    if (path === undefined) throw new ArrieroError("adapter_not_found", `no adapter named ${name}`);
    const adapter = this.#load(path);
    this.#adapters.set(name, adapter);
    return adapter;
  }

  #load(path: string): LoraAdapter {
    try {
      return new LoraAdapter(this.model, path);
    } catch (cause) {
      if (cause instanceof NativeError) throw new ArrieroError("model_load_failed", cause.message, { cause });
      throw cause;
    }
  }
}
