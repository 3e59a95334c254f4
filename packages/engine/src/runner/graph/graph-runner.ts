import type { Tensor } from "@arriero/ggml";
import { Candidates, Compute, Model, NativeError, TensorArena, Threadpool, tensorBytes } from "@arriero/ggml";
import { ArrieroError } from "@arriero/spec";
import type { GgufHeader } from "../../gguf/gguf-header.ts";
import type { LlamaRunnerOptions } from "../llama-runner.ts";
import { POLL } from "../llama-runner.ts";
import type { BatchToken, Runner, RunnerLimits, Sampler, SamplerRequest } from "../runner.ts";
import { VocabularySamplers } from "../vocabulary-samplers.ts";
import { AdapterWeights } from "./adapter-weights.ts";
import { fillMasks, planBatch } from "./batch-plan.ts";
import { type AdaptedColumns, buildForward, graphSize } from "./forward-pass.ts";
import { KvMemory } from "./kv-memory.ts";
import type { ModelShape } from "./model-shape.ts";
import { ModelWeights } from "./model-weights.ts";
import { PAGE_CELLS, type PageCopy, PageTable } from "./page-table.ts";
import { type Column, StepInputs } from "./step-inputs.ts";

export interface GraphRunnerOptions extends LlamaRunnerOptions {
  readonly header: GgufHeader;
  readonly shape: ModelShape;
  /** Headers of the adapters' files; an adapter without one cannot be read. */
  readonly adapterHeaders: Readonly<Record<string, GgufHeader>>;
}

const SEQUENCES = 256;
/** Holds the page that padding writes to. */
const PADDING = SEQUENCES;
/** Pages for what sequences do not fill of theirs: at least so many, and one for so many pages of cells. */
const LEAST_SPARE = 2;
const PAGES_PER_SPARE = 8;

/**
 * The runner with a graph of our own, for llama-like models on the CPU. What a sequence's attention costs depends on its
 * own cells alone, so streams do not slow each other beyond their matrix work, and idle cells cost nothing.
 */
export class GraphRunner implements Runner {
  readonly limits: RunnerLimits;
  readonly sharesPrefixes = true;
  readonly mixesPhases = true;
  readonly mixesAdapters = true;
  readonly idleCellsCost = false;
  readonly #compute: Compute;
  readonly #threadpool: Threadpool | null;
  readonly #vocabulary: Model;
  readonly #samplers: VocabularySamplers;
  readonly #shape: ModelShape;
  readonly #header: GgufHeader;
  readonly #weights: ModelWeights;
  readonly #kv: KvMemory;
  readonly #inputs: StepInputs;
  readonly #table: PageTable;
  readonly #adapterPaths: Readonly<Record<string, string>>;
  readonly #adapterHeaders: Readonly<Record<string, GgufHeader>>;
  readonly #adapters = new Map<string, AdapterWeights>();
  readonly #padding: Column;
  #arena: TensorArena;
  #batch: BatchToken[] = [];
  /** Batch index -> row of the logits. */
  #rows = new Map<number, number>();
  #logits: Float32Array | null = null;

  constructor(options: GraphRunnerOptions) {
    const { header, shape } = options;
    this.#vocabulary = Model.load(options.modelPath, { vocabularyOnly: true });
    this.#threadpool = Threadpool.create(this.#vocabulary.llama, { threads: options.threads, poll: POLL });
    this.#compute = new Compute(null, options.threads, this.#threadpool);
    this.#header = header;
    this.#shape = shape;
    this.#weights = new ModelWeights(this.#compute, options.modelPath, header, shape.layers);
    const cells = Math.ceil(options.cells / PAGE_CELLS) * PAGE_CELLS;
    const pages = cells / PAGE_CELLS;
    const allPages = pages + Math.min(2 * SEQUENCES, LEAST_SPARE + Math.ceil(pages / PAGES_PER_SPARE)) + 1;
    this.#kv = new KvMemory(this.#compute, shape, allPages * PAGE_CELLS);
    this.#inputs = new StepInputs(this.#compute, shape, this.#kv, options.batchTokens, cells);
    this.#table = new PageTable(allPages, SEQUENCES + 1);
    this.#table.place(PADDING, 0, 1);
    this.#padding = { token: 0, position: 0, cell: this.#table.cell(PADDING, 0) };
    this.#kv.open(this.#padding.cell);
    this.#arena = new TensorArena(this.#compute, 4096);
    this.#samplers = new VocabularySamplers(this.#vocabulary, new Candidates(this.#vocabulary, shape.vocabulary));
    this.#adapterPaths = options.adapters;
    this.#adapterHeaders = options.adapterHeaders;
    this.limits = {
      cells,
      pageCells: PAGE_CELLS,
      sequences: SEQUENCES,
      batchTokens: options.batchTokens,
      decodeTokens: options.batchTokens,
      vocabulary: shape.vocabulary,
    };
  }

  /** The threads that compute, to be shared with an embedding context. */
  get threadpool(): Threadpool | null {
    return this.#threadpool;
  }

  prepare(adapter: string): void {
    if (adapter !== "") this.#adapter(adapter);
  }

  begin(): void {
    this.#batch = [];
    this.#logits = null;
    this.#rows = new Map();
  }

  add(token: BatchToken): number {
    if (this.#batch.length >= this.limits.batchTokens)
      throw new NativeError("refused", `the batch holds ${this.limits.batchTokens} tokens at most`);
    return this.#batch.push(token) - 1;
  }

  run(): "ok" | "no-room" {
    const batch = this.#batch;
    if (batch.length === 0) return "ok";
    if (!this.#place(batch)) return "no-room";
    const plan = planBatch(batch, this.#table, this.#shape);
    const columns: Column[] = batch.map(({ token, position, sequence }) => {
      return { token, position, cell: this.#table.cell(sequence, position) };
    });
    const outputs = [...plan.outputs];
    const { steadyColumns } = this.#weights;
    while (columns.length < steadyColumns) columns.push(this.#padding);
    while (outputs.length > 0 && outputs.length < steadyColumns) outputs.push(outputs[0] as number);
    const width = {
      tokens: { columns: columns.length, adapted: this.#adapted(batch) },
      outputs: { columns: outputs.length, adapted: this.#adapted(plan.outputs.map((index) => batch[index] as BatchToken)) },
    };
    const adapters = Math.max(width.tokens.adapted.length, width.outputs.adapted.length);
    const arena = this.#freshArena(graphSize(plan, this.#shape.layers, adapters));
    const parts = {
      shape: this.#shape,
      weights: this.#weights,
      kv: this.#kv,
      inputs: this.#inputs,
    };
    const { masks, logits } = buildForward(arena, parts, plan, width);
    this.#compute.allocate(arena);
    this.#inputs.write(columns, outputs, this.#kv);
    if (masks !== null) fillMasks(new Uint16Array(tensorBytes(arena.ops, masks)), plan, this.#shape.heads / this.#shape.kvHeads);
    this.#compute.run(arena);
    this.#rows = new Map(plan.outputs.map((index, row) => [index, row]));
    this.#logits = logits === null ? null : new Float32Array(tensorBytes(arena.ops, logits as Tensor));
    return "ok";
  }

  logits(index: number): Float32Array {
    const row = this.#rows.get(index);
    if (row === undefined || this.#logits === null) throw new NativeError("refused", `token ${index} wanted no logits`);
    return this.#logits.subarray(row * this.limits.vocabulary, (row + 1) * this.limits.vocabulary);
  }

  share(source: number, target: number, from: number, to: number): void {
    this.#copy(this.#table.share(source, target, from, to));
  }

  forget(sequence: number, from: number, to: number | null): void {
    this.#table.forget(sequence, from, to);
  }

  freeCells(): number {
    return this.#table.freePages * PAGE_CELLS;
  }

  lastPosition(sequence: number): number {
    return this.#table.lastPosition(sequence);
  }

  createSampler(request: SamplerRequest): Sampler {
    return this.#samplers.create(request);
  }

  isEndOfGeneration(token: number): boolean {
    return this.#vocabulary.vocabulary.isEndOfGeneration(token);
  }

  size(sequence: number): number {
    return (this.#table.lastPosition(sequence) + 1) * this.#kv.bytesPerCell;
  }

  read(sequence: number): Uint8Array | null {
    const cells = this.#cellsOf(sequence);
    return cells.length === 0 ? null : this.#kv.read(cells);
  }

  write(sequence: number, cells: Uint8Array): boolean {
    const count = cells.byteLength / this.#kv.bytesPerCell;
    if (!Number.isInteger(count) || count === 0 || this.#table.pagesFor(sequence, 0, count) > this.#table.freePages) return false;
    this.#table.place(sequence, 0, count);
    const placed = this.#cellsOf(sequence);
    for (const cell of placed) this.#kv.open(cell);
    this.#kv.write(placed, cells);
    return true;
  }

  dispose(): void {
    this.#compute.dispose();
    this.#vocabulary.dispose();
    this.#threadpool?.dispose();
  }

  /** The stretches of columns under one adapter; the bare model's are left out. */
  #adapted(tokens: readonly BatchToken[]): AdaptedColumns[] {
    const stretches: { adapter: string; first: number; count: number }[] = [];
    for (const [index, { adapter }] of tokens.entries()) {
      const last = stretches.at(-1);
      if (last?.adapter === adapter) last.count++;
      else stretches.push({ adapter, first: index, count: 1 });
    }
    return stretches
      .filter(({ adapter }) => adapter !== "")
      .map(({ adapter, first, count }) => ({ first, count, changes: this.#adapter(adapter).changes }));
  }

  /** Gives a batch its cells. False where there are too few pages: then nothing was changed. */
  #place(batch: readonly BatchToken[]): boolean {
    const growth = new Map<number, { from: number; count: number }>();
    for (const { sequence, position } of batch) {
      const known = growth.get(sequence);
      if (known === undefined) growth.set(sequence, { from: position, count: 1 });
      else known.count = Math.max(known.count, position - known.from + 1);
    }
    let pages = 0;
    for (const [sequence, { from, count }] of growth) pages += this.#table.pagesFor(sequence, from, count);
    if (pages > this.#table.freePages) return false;
    for (const [sequence, { from, count }] of growth) this.#copy(this.#table.place(sequence, from, count));
    for (const { sequence, position } of batch) this.#kv.open(this.#table.cell(sequence, position));
    return true;
  }

  #copy(copies: readonly PageCopy[]): void {
    for (const copy of copies) this.#kv.copy(copy);
  }

  #cellsOf(sequence: number): Int32Array {
    return Int32Array.from({ length: this.#table.lastPosition(sequence) + 1 }, (_, position) =>
      this.#table.cell(sequence, position),
    );
  }

  #freshArena(tensors: number): TensorArena {
    if (tensors > this.#arena.capacity) {
      this.#arena.dispose();
      this.#arena = new TensorArena(this.#compute, 2 ** Math.ceil(Math.log2(tensors)));
    }
    this.#arena.clear();
    return this.#arena;
  }

  #adapter(name: string): AdapterWeights {
    const known = this.#adapters.get(name);
    if (known !== undefined) return known;
    const path = this.#adapterPaths[name];
    if (path === undefined) throw new ArrieroError("adapter_not_found", `no adapter named ${name}`);
    const adapter = this.#load(name, path);
    this.#adapters.set(name, adapter);
    return adapter;
  }

  #load(name: string, path: string): AdapterWeights {
    const header = this.#adapterHeaders[name];
    try {
      if (header === undefined) throw new NativeError("refused", `the adapter ${path} cannot be read`);
      return new AdapterWeights(this.#compute, path, header, (matrix) => this.#dimensions(matrix));
    } catch (cause) {
      if (cause instanceof NativeError) throw new ArrieroError("model_load_failed", cause.message, { cause });
      throw cause;
    }
  }

  #dimensions(matrix: string): readonly [number, number] | null {
    const found = this.#header.tensors.find(({ name }) => name === `${matrix}.weight`);
    return found === undefined ? null : [found.dimensions[0] ?? 1, found.dimensions[1] ?? 1];
  }
}
