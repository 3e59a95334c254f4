import type { Candidates, Model } from "@arriero/ggml";
import { NativeError } from "@arriero/ggml";
import { ArrieroError } from "@arriero/spec";
import { TokenSampler } from "../sampling/token-sampler.ts";
import type { Sampler, SamplerRequest } from "./runner.ts";

/** Makes samplers over one vocabulary. */
export class VocabularySamplers {
  readonly #model: Model;
  readonly #candidates: Candidates;
  #endTokens: readonly number[] | null = null;

  /** @param candidates scratch space shared by all samplers of a thread */
  constructor(model: Model, candidates: Candidates) {
    this.#model = model;
    this.#candidates = candidates;
  }

  /** @throws ArrieroError invalid_grammar */
  create({ sampling, seed, grammar, ignoreEos }: SamplerRequest): Sampler {
    const forbidden = ignoreEos ? this.#endOfGenerationTokens() : [];
    try {
      return new TokenSampler(this.#model, this.#candidates, sampling, seed, grammar, forbidden);
    } catch (cause) {
      if (cause instanceof NativeError && grammar !== null)
        throw new ArrieroError("invalid_grammar", "the grammar cannot be parsed", { cause });
      throw cause;
    }
  }

  #endOfGenerationTokens(): readonly number[] {
    if (this.#endTokens === null) {
      const { vocabulary } = this.#model;
      this.#endTokens = Array.from({ length: vocabulary.size }, (_, token) => token).filter((token) =>
        vocabulary.isEndOfGeneration(token),
      );
    }
    return this.#endTokens;
  }
}
