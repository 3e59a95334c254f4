import type { BatchToken, Runner, RunnerLimits, Sampler, SamplerRequest } from "../runner/runner.ts";
import { argMax } from "../sampling/token-sampler.ts";

interface Cell {
  readonly token: number;
}

export const TOY_VOCABULARY = 64;
/** The toy's end-of-generation token. */
export const TOY_END = 0;

/** The token the toy model writes after `tokens`: a hash, so that one wrong or missing cell changes everything after it. */
export function toyNext(tokens: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (const token of tokens) hash = Math.imul(hash ^ token, 0x01000193) >>> 0;
  return ((hash ^ (hash >>> 15)) >>> 0) % TOY_VOCABULARY;
}

/** What an unbroken, unshared generation yields. */
export function toyGeneration(prompt: readonly number[], maxTokens: number): number[] {
  const tokens = [...prompt];
  while (tokens.length - prompt.length < maxTokens) {
    const next = toyNext(tokens);
    if (next === TOY_END) break;
    tokens.push(next);
  }
  return tokens.slice(prompt.length);
}

/**
 * A runner whose "model" is a hash of the tokens in a sequence's cells. It keeps cells as libllama does (shared, counted
 * once) and throws on whatever libllama would not forgive: gaps, overwritten positions, too many cells.
 */
export class ToyRunner implements Runner {
  readonly limits: RunnerLimits;
  readonly sharesPrefixes = true;
  readonly mixesPhases: boolean;
  readonly mixesAdapters = false;
  readonly idleCellsCost = true;
  readonly #sequences: Cell[][];
  #batch: BatchToken[] = [];
  #outputs = new Map<number, Float32Array>();
  samplers = 0;
  runs = 0;

  constructor(limits: Partial<RunnerLimits> = {}, mixesPhases = true) {
    this.mixesPhases = mixesPhases;
    this.limits = {
      cells: 256,
      pageCells: 1,
      sequences: 16,
      batchTokens: 32,
      decodeTokens: 32,
      vocabulary: TOY_VOCABULARY,
      ...limits,
    };
    this.#sequences = Array.from({ length: this.limits.sequences }, () => []);
  }

  freeCells(): number {
    return Number.POSITIVE_INFINITY;
  }

  get cells(): number {
    return new Set(this.#sequences.flat()).size;
  }

  prepare(_adapter: string): void {}

  begin(): void {
    this.#batch = [];
  }

  add(token: BatchToken): number {
    if (this.#batch.length >= this.limits.batchTokens) throw new Error("batch overflow");
    return this.#batch.push(token) - 1;
  }

  run(): "ok" | "no-room" {
    if (this.cells + this.#batch.length > this.limits.cells) return "no-room";
    this.runs++;
    this.#outputs = new Map();
    for (const [index, { token, position, sequence, wantsLogits }] of this.#batch.entries()) {
      const cells = this.#of(sequence);
      if (position !== cells.length) throw new Error(`sequence ${sequence} has ${cells.length} cells, token at ${position}`);
      cells.push({ token });
      if (!wantsLogits) continue;
      const logits = new Float32Array(TOY_VOCABULARY);
      logits[toyNext(cells.map((cell) => cell.token))] = 1;
      this.#outputs.set(index, logits);
    }
    return "ok";
  }

  logits(index: number): Float32Array {
    const logits = this.#outputs.get(index);
    if (logits === undefined) throw new Error(`no logits at ${index}`);
    return logits;
  }

  share(source: number, target: number, from: number, to: number): void {
    const cells = this.#of(target);
    const shared = this.#of(source).slice(from, to);
    if (shared.length !== to - from) throw new Error("the source is shorter than what is shared");
    if (cells.length > from && this.#holes.get(target) !== from) throw new Error("the target has cells there");
    cells.splice(from, 0, ...shared);
    this.#holes.delete(target);
  }

  /** Where a range was forgotten from a sequence's middle, to be filled by the next `share`. */
  readonly #holes = new Map<number, number>();

  forget(sequence: number, from: number, to: number | null): void {
    const cells = this.#of(sequence);
    const end = to ?? cells.length;
    if (end < cells.length) this.#holes.set(sequence, from);
    cells.splice(from, end - from);
  }

  lastPosition(sequence: number): number {
    return this.#of(sequence).length - 1;
  }

  createSampler(_request: SamplerRequest): Sampler {
    this.samplers++;
    return {
      sample: (logits) => argMax(logits),
      acceptPrompt: () => {},
      accept: () => {},
      allows: () => true,
      dispose: () => {
        this.samplers--;
      },
    };
  }

  isEndOfGeneration(token: number): boolean {
    return token === TOY_END;
  }

  size(sequence: number): number {
    return this.#of(sequence).length;
  }

  /** A byte a token: the toy's ids are small. */
  read(sequence: number): Uint8Array | null {
    const cells = this.#of(sequence);
    return cells.length === 0 ? null : Uint8Array.from(cells, (cell) => cell.token);
  }

  write(sequence: number, bytes: Uint8Array): boolean {
    const cells = this.#of(sequence);
    if (cells.length > 0) throw new Error(`sequence ${sequence} is not empty`);
    if (this.cells + bytes.length > this.limits.cells) return false;
    for (const token of bytes) cells.push({ token });
    return true;
  }

  dispose(): void {}

  #of(sequence: number): Cell[] {
    const cells = this.#sequences[sequence];
    if (cells === undefined) throw new Error(`no sequence ${sequence}`);
    return cells;
  }
}
