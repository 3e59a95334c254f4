import koffi from "koffi";
import type { LoraAdapter } from "./lora-adapter.ts";
import type { Model } from "./model.ts";
import { NativeError } from "./native-error.ts";
import { NativeObject } from "./native-object.ts";
import type { ContextPointer, MemoryPointer } from "./pointers.ts";
import { notNull } from "./pointers.ts";
import type { StepBatch } from "./step-batch.ts";
import type { Threadpool } from "./threadpool.ts";

/** Sequences in one context, a limit of libllama (LLAMA_MAX_SEQ). */
export const MAX_SEQUENCES = 256;
const MAX_CACHED_VIEWS = 1024;

export type Pooling = "none" | "mean" | "cls" | "last" | "rank";
const POOLING: Record<Pooling, number> = { none: 0, mean: 1, cls: 2, last: 3, rank: 4 };

export interface ContextOptions {
  /** KV cells shared by all sequences. */
  readonly cells: number;
  readonly sequences: number;
  /** Tokens of one decode call at most. */
  readonly batchTokens: number;
  readonly threads: number;
  readonly embeddings?: { readonly pooling: Pooling };
}

/** What one decode call did. `no-room`: no free KV cells; nothing was changed. */
export type DecodeResult = "ok" | "no-room";

/**
 * KV cache and compute graph of one model. The cache is unified: a cell may belong to many sequences, and copying
 * a sequence copies no data. Not safe to use from more than one thread.
 */
export class Context extends NativeObject {
  readonly pointer: ContextPointer;
  readonly model: Model;
  readonly cells: number;
  readonly sequences: number;
  readonly #memory: MemoryPointer;
  readonly #views = new Map<bigint, Float32Array>();
  #adapter: LoraAdapter | null = null;

  constructor(model: Model, options: ContextOptions, threadpool: Threadpool | null) {
    super(model);
    this.model = model;
    const { llama } = model;
    const params = llama.contextDefaultParams();
    params.n_ctx = options.cells;
    params.n_batch = options.batchTokens;
    params.n_ubatch = options.batchTokens;
    params.n_seq_max = Math.min(options.sequences, MAX_SEQUENCES);
    // libllama reserves an output per sequence at least, and aborts where a batch could not hold them.
    params.n_outputs_max = Math.max(params.n_seq_max, options.batchTokens);
    params.n_threads = options.threads;
    params.n_threads_batch = options.threads;
    params.no_perf = true;
    params.swa_full = true;
    params.kv_unified = true;
    if (options.embeddings !== undefined) {
      params.embeddings = true;
      params.pooling_type = POOLING[options.embeddings.pooling];
    }
    const raw = llama.contextInit(model.pointer, params);
    if (!raw) {
      this.pointer = 0n as ContextPointer;
      this.#memory = 0n as MemoryPointer;
      this.cells = 0;
      this.sequences = 0;
      this.dispose();
      throw new NativeError(
        "refused",
        `libllama cannot make a context of ${options.cells} tokens; it may need more memory than is free`,
      );
    }
    this.pointer = raw as ContextPointer;
    this.#memory = llama.contextMemory(this.pointer) as MemoryPointer;
    this.cells = llama.contextSize(this.pointer);
    this.sequences = params.n_seq_max;
    if (threadpool !== null) llama.attachThreadpool(this.pointer, threadpool.pointer, threadpool.pointer);
  }

  /** Runs one batch through the model. @throws NativeError where libllama fails for another reason than room. */
  decode(batch: StepBatch): DecodeResult {
    this.assertAlive();
    const status = this.model.llama.decode(this.pointer, batch.struct);
    if (status === 0) return "ok";
    if (status === 1) return "no-room";
    throw new NativeError("refused", `llama_decode returned ${status} for a batch of ${batch.length} tokens`);
  }

  /** Encoder-only models (BERT and the like) have no cache. */
  encode(batch: StepBatch): void {
    this.assertAlive();
    const status = this.model.llama.encode(this.pointer, batch.struct);
    if (status !== 0) throw new NativeError("refused", `llama_encode returned ${status} for a batch of ${batch.length} tokens`);
  }

  /** Logits of a batch token that asked for them: `vocabulary.size` floats, valid until the next decode. */
  logits(index: number): Float32Array {
    const pointer = notNull(this.model.llama.logitsAt(this.pointer, index), "llama_get_logits_ith");
    return this.#view(pointer, this.model.vocabulary.size);
  }

  /** The pooled vector of a sequence; `length` is 1 for rank pooling, else the model's n_embd. Valid until the next decode. */
  pooled(sequence: number, length: number): Float32Array {
    const pointer = notNull(this.model.llama.embeddingsOfSequence(this.pointer, sequence), "llama_get_embeddings_seq");
    return new Float32Array(koffi.view(pointer, length * 4));
  }

  /** One adapter serves the whole batch; null is the bare model. */
  useAdapter(adapter: LoraAdapter | null): void {
    if (adapter === this.#adapter) return;
    const pointers = new BigUint64Array(1);
    if (adapter !== null) pointers[0] = adapter.pointer;
    const status = this.model.llama.adaptersSet(this.pointer, pointers, adapter === null ? 0 : 1, new Float32Array([1]));
    if (status !== 0) throw new NativeError("refused", `llama_set_adapters_lora returned ${status}`);
    this.#adapter = adapter;
  }

  /** Shares positions [from, to) of `source` with `target`: metadata only. */
  copySequence(source: number, target: number, from: number, to: number): void {
    this.model.llama.memoryCopy(this.#memory, source, target, from, to);
  }

  /** Forgets positions [from, to) of a sequence; `to` -1 is its end. False where the model's memory cannot cut there. */
  removeSequence(sequence: number, from: number, to: number): boolean {
    return this.model.llama.memoryRemove(this.#memory, sequence, from, to);
  }

  clear(): void {
    this.model.llama.memoryClear(this.#memory, false);
  }

  /** The last position of a sequence, -1 where it is empty. */
  lastPosition(sequence: number): number {
    return this.model.llama.memoryMax(this.#memory, sequence);
  }

  /** Bytes that `readSequence` would give. */
  sequenceBytes(sequence: number): number {
    return this.lastPosition(sequence) < 0 ? 0 : Number(this.model.llama.stateSize(this.pointer, sequence));
  }

  /** The cells of a sequence, for `writeSequence` of a context on the same model with the same settings; null where it has none. */
  readSequence(sequence: number): Uint8Array | null {
    if (this.lastPosition(sequence) < 0) return null;
    const { llama } = this.model;
    const bytes = new Uint8Array(this.sequenceBytes(sequence));
    return Number(llama.stateRead(this.pointer, bytes, bytes.length, sequence)) === bytes.length ? bytes : null;
  }

  /**
   * Gives an empty sequence the cells that `readSequence` read. False where there is no room. libllama trusts the bytes:
   * pass only what was read here, unchanged.
   */
  writeSequence(sequence: number, bytes: Uint8Array): boolean {
    return Number(this.model.llama.stateWrite(this.pointer, bytes, bytes.length, sequence)) === bytes.length;
  }

  #view(pointer: bigint, length: number): Float32Array {
    let view = this.#views.get(pointer);
    if (view === undefined) {
      // libllama may move its output buffer when a batch asks for more outputs; old addresses are then forgotten.
      if (this.#views.size >= MAX_CACHED_VIEWS) this.#views.clear();
      view = new Float32Array(koffi.view(pointer, length * 4));
      this.#views.set(pointer, view);
    }
    return view;
  }

  protected override free(): void {
    this.#views.clear();
    if (this.pointer !== 0n) this.model.llama.contextFree(this.pointer);
  }
}
