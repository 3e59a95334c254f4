import type { GenerationEvent, GenerationRequest, ResidencyPolicy } from "@arriero/spec";
import type { Tally } from "../http/tally.ts";
import { AnswerCache, type AnswerRecorder } from "./answer-cache.ts";
import { answerKey } from "./answer-key.ts";
import { isCacheWanted, isDeterministic } from "./cache-rule.ts";
import { cachedAnswer } from "./cached-answer.ts";

export interface ResponseCacheOptions {
  readonly bytes: number;
  readonly seconds: number;
  /** Names and patterns of models whose answers are kept without being asked to. */
  readonly models: readonly string[];
}

export const NO_RESPONSE_CACHE: ResponseCacheOptions = { bytes: 0, seconds: 1, models: [] };

/** `hit`: the answer. `miss`: who records the one that is made now. `unused`: it has no part in this request. */
export type Looked =
  | { readonly kind: "hit"; readonly events: Iterable<GenerationEvent> }
  | { readonly kind: "miss"; readonly recorder: AnswerRecorder }
  | { readonly kind: "unused" };

const UNUSED: Looked = { kind: "unused" };

/** Answers that need not be made again. */
export class ResponseCache {
  readonly #clock: { now(): number };
  #options: ResponseCacheOptions;
  #answers: AnswerCache;

  constructor(options: ResponseCacheOptions, clock: { now(): number }) {
    this.#clock = clock;
    this.#options = options;
    this.#answers = this.#empty();
  }

  /** Whether any answer is ever kept. */
  get isOn(): boolean {
    return this.#options.bytes > 0;
  }

  /** Whether answers of this model are kept unless a request says otherwise. */
  isKept(model: string): boolean {
    return this.isOn && isCacheWanted(null, this.#options.models, model, null);
  }

  /** Begins anew, also for answers now being recorded: under another configuration a name may stand for another model. */
  replace(options: ResponseCacheOptions): void {
    this.#options = options;
    this.#answers = this.#empty();
  }

  /** @param mayRest whether the request's bytes may rest on this server under `residency` */
  look(request: GenerationRequest, tally: Tally, residency: ResidencyPolicy, mayRest: boolean): Looked {
    const { adapter, model } = request;
    const { cache } = tally;
    const { bytes, models } = this.#options;
    if (bytes === 0 || cache === null || !isCacheWanted(cache.asked, models, model, adapter)) return UNUSED;
    if (!mayRest || !isDeterministic(request, cache.seeded)) {
      if (cache.asked !== null) tally.cached("bypass");
      return UNUSED;
    }
    const key = answerKey({ request, identity: cache.identity, owner: cache.owner, residency });
    const found = this.#answers.find(key);
    if (found === null) {
      tally.cached("miss");
      return { kind: "miss", recorder: this.#answers.recorder(key) };
    }
    tally.cached("hit");
    return { kind: "hit", events: cachedAnswer(found, request) };
  }

  #empty(): AnswerCache {
    const { bytes, seconds } = this.#options;
    return new AnswerCache({ bytes, maxAgeMs: seconds * 1000, clock: this.#clock });
  }
}
