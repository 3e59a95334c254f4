import type { Candidates, GrammarDefinition, Model, SamplerLink } from "@arriero/ggml";
import { SamplerChain } from "@arriero/ggml";
import type { Sampling } from "@arriero/spec";
import type { Sampler } from "../runner/runner.ts";
import { uniform } from "./draw.ts";
import { OutputGrammarState } from "./output-grammar-state.ts";

/** The links of libllama's chain that a request asks for, in the order llama.cpp applies them. Empty: raw logits. */
export function samplerLinks(sampling: Sampling): SamplerLink[] {
  const links: SamplerLink[] = [];
  const biases = Object.entries(sampling.logitBias ?? {}).map(([token, bias]) => [Number(token), bias] as const);
  if (biases.length > 0) links.push({ kind: "logit-bias", biases: new Map(biases) });
  if (sampling.repeatPenalty !== 1 || sampling.frequencyPenalty !== 0 || sampling.presencePenalty !== 0) {
    links.push({
      kind: "penalties",
      lastN: sampling.penaltyLastN,
      repeat: sampling.repeatPenalty,
      frequency: sampling.frequencyPenalty,
      presence: sampling.presencePenalty,
    });
  }
  if (sampling.dry !== undefined && sampling.dry.multiplier > 0) links.push({ kind: "dry", ...sampling.dry });
  if (sampling.temperature === 0) return links;
  if (sampling.topK > 0) links.push({ kind: "top-k", k: sampling.topK });
  if (sampling.typicalP < 1) links.push({ kind: "typical", p: sampling.typicalP });
  if (sampling.topP < 1) links.push({ kind: "top-p", p: sampling.topP });
  if (sampling.minP > 0) links.push({ kind: "min-p", p: sampling.minP });
  if (sampling.temperature !== 1) links.push({ kind: "temperature", t: sampling.temperature });
  return links;
}

/** Chooses the tokens of one choice. Its state (penalties, grammar) is a function of the tokens it accepted. */
export class TokenSampler implements Sampler {
  readonly #candidates: Candidates;
  readonly #chain: SamplerChain | null;
  readonly #grammar: OutputGrammarState | null;
  readonly #greedy: boolean;
  readonly #seed: number;
  readonly #forbidden: readonly number[];

  /**
   * @param candidates scratch space shared by all samplers of a thread
   * @param forbidden tokens never drawn (end of generation, where the caller ignores it)
   */
  constructor(
    model: Model,
    candidates: Candidates,
    sampling: Sampling,
    seed: number,
    grammar: GrammarDefinition | null,
    forbidden: readonly number[],
  ) {
    const links = samplerLinks(sampling);
    this.#candidates = candidates;
    this.#greedy = sampling.temperature === 0;
    this.#seed = seed;
    this.#forbidden = forbidden;
    this.#grammar = grammar === null ? null : new OutputGrammarState(model, candidates, grammar);
    this.#chain = links.length === 0 ? null : new SamplerChain(model, links);
  }

  /** Deterministic in logits, seed, position and the tokens accepted. Null: the grammar allows nothing more. */
  sample(logits: Float32Array, position: number): number | null {
    for (const token of this.#forbidden) logits[token] = Number.NEGATIVE_INFINITY;
    if (this.#greedy && this.#chain === null && this.#grammar === null) return argMax(logits);
    const token = this.#choose(logits, position, false);
    if (this.#grammar === null || !this.#grammar.binds) return token;
    if (token !== null && this.#grammar.allows(token)) return token;
    // Rare: asking the grammar about one token costs little, filtering the whole vocabulary does not.
    return this.#choose(logits, position, true);
  }

  /** A prompt token: penalties see it, the grammar does not. */
  acceptPrompt(token: number): void {
    this.#chain?.accept(token);
  }

  /** An output token, drawn here or replayed. */
  accept(token: number): void {
    this.#chain?.accept(token);
    this.#grammar?.accept(token);
  }

  /** Whether the grammar, if any, allows `token` next. Must hold before a replayed token is accepted. */
  allows(token: number): boolean {
    return this.#grammar?.allows(token) ?? true;
  }

  dispose(): void {
    this.#chain?.dispose();
    this.#grammar?.dispose();
  }

  #choose(logits: Float32Array, position: number, withGrammar: boolean): number | null {
    this.#candidates.fill(logits);
    if (withGrammar) this.#grammar?.apply(this.#candidates);
    this.#chain?.apply(this.#candidates);
    return this.#greedy ? likeliest(this.#candidates) : draw(this.#candidates, uniform(this.#seed, position));
  }
}

/** Index of the largest logit; the lowest index wins a tie, as in llama.cpp. */
export function argMax(logits: Float32Array): number {
  let best = 0;
  let bestLogit = logits[0] as number;
  for (let token = 1; token < logits.length; token++) {
    const logit = logits[token] as number;
    if (logit > bestLogit) {
      bestLogit = logit;
      best = token;
    }
  }
  return best;
}

function likeliest(candidates: Candidates): number | null {
  const { size } = candidates;
  let best = 0;
  for (let i = 1; i < size; i++) if (candidates.logit(i) > candidates.logit(best)) best = i;
  return candidates.logit(best) === Number.NEGATIVE_INFINITY ? null : candidates.id(best);
}

/** Inverse transform sampling over the softmax of the candidates' logits, in their order. Null: none is left. */
function draw(candidates: Candidates, u: number): number | null {
  const { size } = candidates;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < size; i++) max = Math.max(max, candidates.logit(i));
  if (max === Number.NEGATIVE_INFINITY) return null;
  const weights = new Float64Array(size);
  let total = 0;
  for (let i = 0; i < size; i++) {
    weights[i] = Math.exp(candidates.logit(i) - max);
    total += weights[i] as number;
  }
  let rest = u * total;
  let last = 0;
  for (let i = 0; i < size; i++) {
    if (weights[i] === 0) continue;
    last = i;
    rest -= weights[i] as number;
    if (rest < 0) break;
  }
  return candidates.id(last);
}
