import type { GrammarDefinition } from "@arriero/ggml";
import type { Sampling } from "@arriero/spec";

/** One token of a batch. */
export interface BatchToken {
  readonly token: number;
  readonly position: number;
  readonly sequence: number;
  /** "" is the bare model. Tokens of one batch may differ in it only where the runner `mixesAdapters`. */
  readonly adapter: string;
  readonly wantsLogits: boolean;
  /** Whether a sampler drew it, now or before, and not a prompt gave it. Where a runner can, it gives such a token the same
   * logits bit by bit alone, in company, and again. */
  readonly generated: boolean;
}

/** What a model and its cache can hold. */
export interface RunnerLimits {
  /** KV cells shared by all sequences. */
  readonly cells: number;
  /** Cells are given out in pages of so many, to one sequence each, but where sequences share a prefix. */
  readonly pageCells: number;
  /** Sequence ids are 0..sequences-1. */
  readonly sequences: number;
  /** Tokens of one run at most. */
  readonly batchTokens: number;
  /** Sequences that decode in one run at most. */
  readonly decodeTokens: number;
  /** Logits per token. */
  readonly vocabulary: number;
}

/** Chooses the tokens of one choice; its state is a function of the tokens it accepted. */
export interface Sampler {
  /** @param position index in the output, 0 first. Null: the grammar allows no token, not even an end. */
  sample(logits: Float32Array, position: number): number | null;
  acceptPrompt(token: number): void;
  accept(token: number): void;
  allows(token: number): boolean;
  dispose(): void;
}

export interface SamplerRequest {
  readonly sampling: Sampling;
  readonly seed: number;
  readonly grammar: GrammarDefinition | null;
  readonly ignoreEos: boolean;
}

/**
 * Runs a model over batches of tokens and keeps their KV cells. One contract for every implementation
 * (`runner-contract.test.ts`); used by one thread only.
 *
 * Sharing a range of positions copies no data, but for the part of a page at its borders; cutting one sequence never harms another that shares its cells.
 */
export interface Runner {
  readonly limits: RunnerLimits;
  /** False for recurrent models: their state can be neither shared nor cut at a position. */
  readonly sharesPrefixes: boolean;
  /** Whether decoding and prefilling sequences run best in one batch. Where not, steps alternate between them. */
  readonly mixesPhases: boolean;
  /** Whether tokens under different adapters share a batch. Where not, adapters take turns. */
  readonly mixesAdapters: boolean;
  /** Whether every cell in use slows every step, whoever holds it. */
  readonly idleCellsCost: boolean;

  /** Loads an adapter where it is not yet, so that `begin` cannot fail. @throws ArrieroError where it does not fit the model */
  prepare(adapter: string): void;
  /** Starts a batch. */
  begin(): void;
  /** Adds a token; returns its index in the batch, by which its logits are asked for. */
  add(token: BatchToken): number;
  /** Computes the batch. `no-room`: the cells ran out and nothing was changed. */
  run(): "ok" | "no-room";
  /** `vocabulary` logits of a token that wanted them; valid until the next run. */
  logits(index: number): Float32Array;

  /** Positions [from, to) of `source` also belong to `target`, where they must be empty. */
  share(source: number, target: number, from: number, to: number): void;
  /** Forgets positions [from, to); `to` null is the end. */
  forget(sequence: number, from: number, to: number | null): void;
  /** Cells of pages that are wholly free; infinite where a page is a cell: then whoever counts cells knows. */
  freeCells(): number;
  /** Last position of a sequence, -1 where empty. */
  lastPosition(sequence: number): number;

  createSampler(request: SamplerRequest): Sampler;
  isEndOfGeneration(token: number): boolean;

  /** Bytes of a copy of a sequence's cells. */
  size(sequence: number): number;
  /** A copy of a sequence's cells; null where it has none. */
  read(sequence: number): Uint8Array | null;
  /** Gives an empty sequence the cells that `read` copied, on this or an equal model. False where there is no room. */
  write(sequence: number, cells: Uint8Array): boolean;

  dispose(): void;
}
