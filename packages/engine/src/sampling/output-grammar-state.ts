import type { Candidates, GrammarDefinition, Model } from "@arriero/ggml";
import { GrammarSampler } from "@arriero/ggml";
import { GrammarTrigger } from "./grammar-trigger.ts";

const strict = new TextDecoder("utf-8", { fatal: true });

/**
 * Where an output is in its grammar. A lazy grammar sleeps until its trigger stands in the output; what stands there
 * must then be the grammar's beginning, else it was no call but text, and the grammar sleeps on. libllama has lazy
 * grammars of its own, which end the process in that case, and search the whole output for each token.
 */
export class OutputGrammarState {
  readonly #model: Model;
  readonly #candidates: Candidates;
  readonly #definition: GrammarDefinition;
  readonly #trigger: GrammarTrigger | null;
  #sampler: GrammarSampler;
  /** The token that must come before anything else counts; null: it came, or there is none. */
  #wakingToken: number | null;
  #binds: boolean;

  /** @throws NativeError where libllama cannot parse the grammar */
  constructor(model: Model, candidates: Candidates, definition: GrammarDefinition) {
    this.#model = model;
    this.#candidates = candidates;
    this.#definition = definition;
    this.#wakingToken = definition.sleepsUntil ?? null;
    this.#trigger = definition.triggerPatterns === undefined ? null : new GrammarTrigger(definition.triggerPatterns);
    this.#binds = this.#wakingToken === null && this.#trigger === null;
    this.#sampler = new GrammarSampler(model, definition);
  }

  /** Whether the grammar restricts the next token. */
  get binds(): boolean {
    return this.#binds;
  }

  /** Rules out what the grammar does not allow. Only where it binds. */
  apply(candidates: Candidates): void {
    this.#sampler.apply(candidates);
  }

  /** Whether `token` may come next. */
  allows(token: number): boolean {
    return !this.#binds || this.#takes(token);
  }

  /** The token is part of the output now. It must be allowed. */
  accept(token: number): void {
    if (this.#binds) this.#sampler.accept(token);
    else if (this.#wakingToken !== null) this.#wake(token);
    else this.#watch(token);
  }

  dispose(): void {
    this.#sampler.dispose();
  }

  #wake(token: number): void {
    if (token !== this.#wakingToken) return;
    this.#wakingToken = null;
    this.#binds = this.#trigger === null;
  }

  #watch(token: number): void {
    const { vocabulary } = this.#model;
    const bytes = vocabulary.piece(token);
    const begun = this.#trigger?.feed(bytes.length > 0 ? bytes : Buffer.from(vocabulary.spell(token), "utf8")) ?? null;
    if (begun === null) return;
    this.#binds = this.#follows(begun);
    if (this.#binds) return;
    this.#sampler.dispose();
    this.#sampler = new GrammarSampler(this.#model, this.#definition);
  }

  /** Leads the grammar through text that is there already. False where it does not allow it; it is then spoilt. */
  #follows(bytes: Uint8Array): boolean {
    const text = decoded(bytes);
    if (text === null) return false;
    for (const token of this.#model.vocabulary.tokenize(text, false, false)) {
      if (!this.#takes(token)) return false;
      this.#sampler.accept(token);
    }
    return true;
  }

  #takes(token: number): boolean {
    this.#candidates.fillOne(token);
    this.#sampler.apply(this.#candidates);
    return this.#candidates.logit(0) !== Number.NEGATIVE_INFINITY;
  }
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes);
  } catch {
    return null;
  }
}
