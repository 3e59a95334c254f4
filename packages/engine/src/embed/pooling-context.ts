import type { Pooling } from "@arriero/ggml";
import { Context, StepBatch } from "@arriero/ggml";
import { ArrieroError, type ErrorBody } from "@arriero/spec";
import type { OpenedRunner } from "../runner/open-runner.ts";
import type { PoolingJob } from "../worker/protocol.ts";

/** Tokens of one text at most, and of one pooling batch. */
export const POOLING_TOKENS = 2048;
const POOLING_NAMES: readonly (Pooling | null)[] = ["none", "mean", "cls", "last", "rank"];

export interface Pooled {
  readonly id: number;
  readonly result: readonly Float32Array[] | ErrorBody;
}

/**
 * Embeddings and reranking: a small context of libllama's, made on first use. One text a step, between
 * steps of generation, so that a large batch of texts does not hold up running streams.
 */
export class PoolingContext {
  readonly #opened: OpenedRunner;
  readonly #queue: { job: PoolingJob; vectors: Float32Array[] }[] = [];
  #context: Context | null = null;
  #batch: StepBatch | null = null;
  #pooling: Pooling = "mean";

  constructor(opened: OpenedRunner) {
    this.#opened = opened;
  }

  get idle(): boolean {
    return this.#queue.length === 0;
  }

  /** The caller bounds how many jobs wait. */
  submit(job: PoolingJob): void {
    this.#queue.push({ job, vectors: [] });
  }

  /** Computes one text of the oldest job; returns the job once it is whole. */
  step(): Pooled | null {
    const head = this.#queue[0];
    if (head === undefined) return null;
    try {
      const input = head.job.inputs[head.vectors.length];
      if (input !== undefined) head.vectors.push(this.#compute(input, head.job.kind));
      if (head.vectors.length < head.job.inputs.length) return null;
      this.#queue.shift();
      return { id: head.job.id, result: head.vectors };
    } catch (thrown) {
      this.#queue.shift();
      return { id: head.job.id, result: ArrieroError.wrap(thrown).body };
    }
  }

  dispose(): void {
    this.#context?.dispose();
  }

  #compute(tokens: Int32Array, kind: PoolingJob["kind"]): Float32Array {
    const { context, batch } = this.#open();
    if (kind === "rank" && this.#pooling !== "rank") throw new ArrieroError("unsupported", "this model has no ranking head");
    batch.clear();
    for (const [position, token] of tokens.entries()) batch.add(token, position, 0, true);
    if (this.#opened.model().hasEncoder) context.encode(batch);
    else {
      context.clear();
      if (context.decode(batch) === "no-room")
        throw new ArrieroError("context_length_exceeded", `a text of ${tokens.length} tokens; ${POOLING_TOKENS} fit`);
    }
    const length = this.#pooling === "rank" ? 1 : this.#opened.model().embeddingLength;
    return Float32Array.from(context.pooled(0, length));
  }

  #open(): { context: Context; batch: StepBatch } {
    if (this.#context === null || this.#batch === null) {
      const model = this.#opened.model();
      const declared = POOLING_NAMES[Number(model.meta(`${model.meta("general.architecture")}.pooling_type`) ?? Number.NaN)];
      // A generator declares none: the mean over its last hidden states is the custom.
      this.#pooling = declared === undefined || declared === null || declared === "none" ? "mean" : declared;
      this.#context = new Context(
        model,
        {
          cells: POOLING_TOKENS,
          sequences: 1,
          batchTokens: POOLING_TOKENS,
          threads: this.#opened.threads,
          embeddings: { pooling: this.#pooling },
        },
        this.#opened.threadpool,
      );
      this.#batch = new StepBatch(this.#context, POOLING_TOKENS);
    }
    return { context: this.#context, batch: this.#batch };
  }
}
