import type { Candidates } from "./candidates.ts";
import type { Model } from "./model.ts";
import { NativeError } from "./native-error.ts";
import { NativeObject } from "./native-object.ts";
import type { SamplerPointer } from "./pointers.ts";
import { notNull } from "./pointers.ts";

/** One link of a chain, in the words of libllama. Probabilities and penalties as in its header. */
export type SamplerLink =
  | { readonly kind: "logit-bias"; readonly biases: ReadonlyMap<number, number> }
  | {
      readonly kind: "penalties";
      readonly lastN: number;
      readonly repeat: number;
      readonly frequency: number;
      readonly presence: number;
    }
  | {
      readonly kind: "dry";
      readonly multiplier: number;
      readonly base: number;
      readonly allowedLength: number;
      readonly lastN: number;
      readonly breakers: readonly string[];
    }
  | { readonly kind: "top-k"; readonly k: number }
  | { readonly kind: "typical"; readonly p: number }
  | { readonly kind: "top-p"; readonly p: number }
  | { readonly kind: "min-p"; readonly p: number }
  | { readonly kind: "temperature"; readonly t: number };

function createLink(model: Model, link: SamplerLink): bigint {
  const { llama, vocabulary } = model;
  switch (link.kind) {
    case "logit-bias": {
      // libllama searches all candidates, for each draw, for an id that it does not find at its place.
      const biases = [...link.biases].filter(([token]) => token < vocabulary.size);
      const bytes = new DataView(new ArrayBuffer(biases.length * 8));
      let at = 0;
      for (const [token, bias] of biases) {
        bytes.setInt32(at, token, true);
        bytes.setFloat32(at + 4, bias, true);
        at += 8;
      }
      return llama.logitBias(vocabulary.size, biases.length, new Uint8Array(bytes.buffer));
    }
    case "penalties":
      return llama.penalties(vocabulary.size, link.lastN, link.repeat, link.frequency, link.presence);
    case "dry":
      return llama.dry(
        vocabulary.pointer,
        link.multiplier,
        link.base,
        link.allowedLength,
        link.lastN,
        [...link.breakers, null],
        link.breakers.length,
      );
    case "top-k":
      return llama.topK(link.k);
    case "typical":
      return llama.typical(link.p, 1);
    case "top-p":
      return llama.topP(link.p, 1);
    case "min-p":
      return llama.minP(link.p, 1);
    case "temperature":
      return llama.temperature(link.t);
    default:
      return link satisfies never;
  }
}

/** A chain of libllama's samplers. It never draws: the last draw is ours. */
export class SamplerChain extends NativeObject {
  readonly #model: Model;
  readonly #pointer: SamplerPointer;
  readonly length: number;

  constructor(model: Model, links: readonly SamplerLink[]) {
    super(model);
    this.#model = model;
    this.length = links.length;
    this.#pointer = notNull(model.llama.chainInit({ no_perf: true }), "llama_sampler_chain_init");
    for (const link of links) model.llama.chainAdd(this.#pointer, notNull(createLink(model, link), `sampler ${link.kind}`));
  }

  apply(candidates: Candidates): void {
    this.assertAlive();
    this.#model.llama.samplerApply(this.#pointer, candidates.pointer);
  }

  /** Tells penalties of a token that is now part of the text. */
  accept(token: number): void {
    this.assertAlive();
    this.#model.llama.samplerAccept(this.#pointer, token);
  }

  protected override free(): void {
    this.#model.llama.samplerFree(this.#pointer);
  }
}

/** GBNF, optionally lazy: it binds only once one of the patterns was matched in the text. */
export interface GrammarDefinition {
  readonly gbnf: string;
  /** The rule to start from. */
  readonly root: string;
  /** Regular expressions matched from the start of the output; the first capture group is where the grammar begins. */
  readonly triggerPatterns?: readonly string[];
  /** The grammar sees nothing up to and with this token: the end of the reasoning. Absent: it is awake from the start. */
  readonly sleepsUntil?: number;
}

/** A grammar's state in one generation, awake from the start: when it sets in is its owner's concern. */
export class GrammarSampler extends NativeObject {
  readonly #model: Model;
  readonly #pointer: SamplerPointer;

  constructor(model: Model, definition: GrammarDefinition) {
    super(model);
    this.#model = model;
    const { llama, vocabulary } = model;
    const raw = llama.grammar(vocabulary.pointer, definition.gbnf, definition.root);
    this.#pointer = (raw || 0n) as SamplerPointer;
    if (!raw) {
      this.dispose();
      throw new NativeError("refused", "libllama cannot parse the grammar");
    }
  }

  apply(candidates: Candidates): void {
    this.assertAlive();
    this.#model.llama.samplerApply(this.#pointer, candidates.pointer);
  }

  /** The token must have been allowed by `apply`; libllama aborts the process otherwise. */
  accept(token: number): void {
    this.assertAlive();
    this.#model.llama.samplerAccept(this.#pointer, token);
  }

  protected override free(): void {
    if (this.#pointer !== 0n) this.#model.llama.samplerFree(this.#pointer);
  }
}
