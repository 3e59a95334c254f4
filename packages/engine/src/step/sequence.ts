import type { GrammarDefinition } from "@arriero/ggml";
import type { PriorityClass, Sampling } from "@arriero/spec";
import type { Lease } from "../kv/kv-cache.ts";
import type { Sampler } from "../runner/runner.ts";
import { TokenBuffer } from "./token-buffer.ts";

/** One choice to generate: everything that determines its tokens, and how urgent it is. Plain data, crosses threads. */
export interface SequenceJob {
  readonly key: number;
  readonly adapter: string;
  readonly prompt: Int32Array;
  /** Tokens emitted before, when a broken generation continues. */
  readonly replay: Int32Array;
  readonly sampling: Sampling;
  readonly seed: number;
  readonly grammar: GrammarDefinition | null;
  /** Tokens to generate at most, replayed ones included. */
  readonly maxTokens: number;
  /** Alternatives per token; null: no log probabilities. */
  readonly logprobs: number | null;
  readonly ignoreEos: boolean;
  readonly priority: PriorityClass;
  readonly client: string;
}

/** A choice on its way: waiting, running (it has a lease) or paused (it had one). */
export class Sequence {
  readonly job: SequenceJob;
  readonly tokens: TokenBuffer;
  /** Made on admission and kept while paused: its state follows the tokens. */
  sampler: Sampler | null = null;
  lease: Lease | null = null;
  admitted = 0;
  /** Whether the caller was told of the start. */
  announced = false;

  constructor(job: SequenceJob) {
    this.job = job;
    this.tokens = new TokenBuffer(job.prompt, job.replay.length + Math.min(job.maxTokens, 256));
    for (const token of job.replay) this.tokens.push(token);
  }

  get key(): number {
    return this.job.key;
  }
  get priority(): PriorityClass {
    return this.job.priority;
  }
  get client(): string {
    return this.job.client;
  }
  /** Output tokens so far: also the position of the next draw. */
  get generated(): number {
    return this.tokens.length - this.job.prompt.length;
  }
  /** Tokens whose KV is still to be computed before the next draw. The newest token always is. */
  get pending(): number {
    return this.tokens.length - (this.lease?.computed ?? 0);
  }
  /** Tokens to prefill before the next draw; 0 where only the newest one is missing, which is a decode step. */
  get prefillLeft(): number {
    return this.pending > 1 ? this.pending : 0;
  }
}
