import type { Clock, ReplicaLease } from "@arriero/fleet";
import {
  ArrieroError,
  type EmbeddingRequest,
  type EmbeddingResult,
  type GenerationEvent,
  type GenerationRequest,
  type ImageRequest,
  type ImageResult,
  type PriorityClass,
  type ReplicaAddress,
  type RerankRequest,
  type RerankResult,
  type RoutedModel,
  type TokenizeRequest,
  type TokenizeResult,
} from "@arriero/spec";
import type { PrefixAffinity } from "./affinity/prefix-affinity.ts";
import type { BackendSet } from "./backends/backend-set.ts";
import { storedName } from "./backends/routed-catalogue.ts";
import type { RoutedModels } from "./backends/routed-models.ts";
import { embeddingNeeds, generationNeeds, imageNeeds, marksOf, type RoutingNeeds } from "./backends/routing-needs.ts";
import type { Looked, ResponseCache } from "./cache/response-cache.ts";
import type { GatewayLimits } from "./gateway-limits.ts";
import { countRequest, newRetryBudget, type RetryBudget, takeRetry } from "./health/retry-budget.ts";
import type { Tally } from "./http/tally.ts";
import type { RequestTrace } from "./tracing/request-trace.ts";
import { REPLICA, tracedChoice, tracedQuestion } from "./tracing/traced-question.ts";
import { tracedPick } from "./tracing/traced-upstream.ts";
import { type ContinuationOptions, continueGeneration, type PickUpstream } from "./upstream/continuation.ts";
import { deliverGeneration } from "./upstream/deliver-generation.ts";
import type { EnginePools } from "./upstream/engine-pools.ts";
import { EngineUpstream } from "./upstream/engine-upstream.ts";
import { hedged } from "./upstream/hedge.ts";
import { type ReplicaSource, replicaPicker } from "./upstream/replica-picker.ts";
import type { EventSink, Upstream } from "./upstream/upstream.ts";
import { UpstreamBroken } from "./upstream/upstream-broken.ts";

/** A replica that has just failed a request is not asked again by it for this long: time for its supervisor to see it. */
const AVOID_MS = 1_000;
/** Hedges that a quiet time may save up. */
const HEDGE_BURST = 10;

export interface InferenceServices {
  readonly replicas: ReplicaSource;
  /** Models with backends of their own; all others have replicas of this server. */
  readonly routed: RoutedModels;
  /** What replicas and other backends hold of prompts. */
  readonly affinity: PrefixAffinity;
  /** Answers kept to be given again; without it none is. */
  readonly cache?: ResponseCache;
  readonly pools: EnginePools;
  readonly limits: GatewayLimits;
  readonly clock: Clock;
}

/** Where a request may not go, and until when. */
type Avoided = Map<ReplicaAddress, number>;

/** Runs requests on replicas and other backends: picks one, speaks to it, goes on elsewhere when it breaks. */
export class Inference {
  readonly #services: InferenceServices;
  /** Of all requests together; null: none was hedged yet. */
  #hedges: RetryBudget | null = null;

  constructor(services: InferenceServices) {
    this.#services = services;
  }

  /**
   * The whole sequence of events, whatever becomes of replicas. Ends early only by throwing.
   * @param said what an earlier process had of the answer: the events go on behind it, and it is counted no more
   */
  async *generate(
    request: GenerationRequest,
    signal: AbortSignal,
    tally: Tally,
    said: readonly GenerationEvent[] = [],
  ): AsyncGenerator<GenerationEvent, void, void> {
    const { clock } = this.#services;
    tally.transcript?.asked(request);
    // What goes on behind an earlier process' words is no answer of its own.
    const looked = said.length === 0 ? this.#look(request, tally) : ({ kind: "unused" } as const);
    if (looked.kind === "hit") {
      yield* looked.events;
      return;
    }
    const options = { ...this.#continuation(request, signal, tally), said };
    const events = continueGeneration({ ...request, wantPromptTokens: true }, options);
    const before = said.reduce((tokens, event) => tokens + ("tokens" in event ? Math.max(event.tokens.length, 1) : 0), 0);
    const own = tally.generation();
    try {
      for await (const event of events) {
        own.count([without(event, before)], clock.now());
        if (looked.kind === "miss") looked.recorder.add(event);
        yield event;
      }
    } catch (thrown) {
      tally.error = ArrieroError.wrap(thrown);
      throw tally.error;
    }
  }

  /**
   * The same sequence, given to a sink as it comes: nothing stands between a read and the answer.
   * @param whole the caller is given nothing before the end
   */
  async deliver(request: GenerationRequest, signal: AbortSignal, tally: Tally, sink: EventSink, whole = false): Promise<void> {
    const { clock } = this.#services;
    tally.transcript?.asked(request);
    const looked = this.#look(request, tally);
    if (looked.kind === "hit") {
      await sink([...looked.events]);
      return;
    }
    const own = tally.generation();
    const counted: EventSink = (events) => {
      own.count(events, clock.now());
      if (looked.kind === "miss") for (const event of events) looked.recorder.add(event);
      return sink(events);
    };
    try {
      const options = this.#continuation(request, signal, tally);
      await deliverGeneration({ ...request, wantPromptTokens: true }, options, counted, whole ? Number.POSITIVE_INFINITY : 0);
    } catch (thrown) {
      tally.error = ArrieroError.wrap(thrown);
      throw tally.error;
    }
  }

  #continuation(request: GenerationRequest, signal: AbortSignal, tally: Tally): ContinuationOptions {
    const { clock, limits, routed } = this.#services;
    const set = routed.find(request.model);
    set?.begin();
    if (set === null) routed.requireHere(tally.residency, (audit) => tally.decide(audit));
    const chosen =
      set === null
        ? counting(replicaPicker(this.#services, request.model, signal, marksOf(request)), tally)
        : set.picker(
            generationNeeds(request),
            routed.residencyFor(tally.residency),
            signal,
            (id) => tally.attempt(id),
            (audit) => tally.decide(audit),
          );
    const { trace } = tally;
    const traced = trace === null ? chosen : tracedPick(chosen, trace, request.model, clock);
    const onBreak = () => void tally.continuations++;
    const mayRetry = () => set?.mayRetry() ?? true;
    return { pick: this.#hedged(traced, tally), limits, clock, signal, onBreak, mayRetry };
  }

  /** Off where `hedgeMs` is 0, as it is by default. */
  #hedged(pick: PickUpstream, tally: Tally): PickUpstream {
    const { clock, limits } = this.#services;
    if (limits.hedgeMs === 0) return pick;
    const rules = { share: limits.hedgePercent / 100, perSecond: 0, most: HEDGE_BURST };
    const budget = this.#hedges ?? newRetryBudget(clock.now(), rules);
    this.#hedges = countRequest(budget, clock.now(), rules);
    return hedged(pick, {
      afterMs: limits.hedgeMs,
      clock,
      mayHedge: () => {
        const left = takeRetry(this.#hedges ?? budget, clock.now(), rules);
        if (left !== null) this.#hedges = left;
        return left !== null;
      },
      onWinner: ({ name }, which) => {
        tally.hedge = which;
        tally.backend = name ?? null;
      },
    });
  }

  #look(request: GenerationRequest, tally: Tally): Looked {
    const { cache, routed } = this.#services;
    if (cache === undefined || tally.cache === null) return { kind: "unused" };
    return cache.look(request, tally, routed.residencyFor(tally.residency), routed.isHereAllowed(tally.residency));
  }

  /** @throws ArrieroError forbidden where bytes of the caller may not rest on this server */
  requireHere(tally: Tally): void {
    this.#services.routed.requireHere(tally.residency, (audit) => tally.decide(audit));
  }

  /** Loads a model without asking it for anything. */
  async load(model: string, signal: AbortSignal): Promise<void> {
    (await this.#services.replicas.lease(this.#stored(model), { signal, timeoutMs: this.#services.limits.loadMs })).release();
  }

  async rerank(request: RerankRequest, signal: AbortSignal, tally: Tally): Promise<RerankResult> {
    this.#services.routed.requireHere(tally.residency, (audit) => tally.decide(audit));
    const ask = (upstream: EngineUpstream) => {
      tally.attempts++;
      return upstream.rerank(request, signal);
    };
    const result = await this.#ask(request.model, ask, signal, () => tally.continuations++, tally.trace, "rerank");
    tally.countPrompt(result.promptTokens, this.#services.clock.now());
    return result;
  }

  async embed(
    request: EmbeddingRequest,
    signal: AbortSignal,
    tally: Tally,
    priority: PriorityClass = "interactive",
  ): Promise<EmbeddingResult> {
    const set = this.#services.routed.find(request.model);
    if (set === null) this.#services.routed.requireHere(tally.residency, (audit) => tally.decide(audit));
    const ask = (upstream: EngineUpstream) => {
      tally.attempts++;
      return upstream.embed(request, signal);
    };
    const result =
      set === null
        ? await this.#ask(request.model, ask, signal, () => tally.continuations++, tally.trace, "embeddings")
        : await this.#askElsewhere(
            set,
            { ...embeddingNeeds(request.inputs), class: priority },
            (upstream) => upstream.embed(request, signal),
            signal,
            tally,
          );
    tally.countPrompt(result.promptTokens, this.#services.clock.now());
    return result;
  }

  /** Only backends of the configuration make images. Throws unsupported where the model has none that does. */
  async images(request: ImageRequest, signal: AbortSignal, tally: Tally): Promise<ImageResult> {
    const set = this.#services.routed.find(request.model);
    if (set === null || !makesImages(set.model)) {
      throw new ArrieroError("unsupported", `${request.model} makes no images.`, { param: "model" });
    }
    const ask = async (upstream: Upstream): Promise<ImageResult> => {
      if (upstream.images === undefined) throw new ArrieroError("unsupported", `The backend ${upstream.id} makes no images.`);
      return upstream.images(request, signal);
    };
    const result = await this.#askElsewhere(set, imageNeeds(request), ask, signal, tally);
    const { completionTokens, promptTokens } = result;
    tally.countOnce({ completionTokens, promptTokens }, this.#services.clock.now());
    return result;
  }

  /** Models that make images, by their names in the configuration. */
  imageModels(): string[] {
    return this.#services.routed.all().flatMap((model) => (makesImages(model) ? [model.name] : []));
  }

  /**
   * The tokens a generation of this input would read. A model's own system message and example turns are part of the
   * input only once `settleRequest` has put them there. Throws model_not_found for a model that is not here.
   */
  async tokenize(
    request: TokenizeRequest & { readonly model: string },
    signal: AbortSignal,
    tally: Tally,
  ): Promise<TokenizeResult> {
    this.#services.routed.requireHere(tally.residency, (audit) => tally.decide(audit));
    return this.#ask(
      request.model,
      (upstream) => upstream.tokenize(request, signal),
      signal,
      () => undefined,
    );
  }

  /** An answer that depends on nothing but the request: a broken attempt is simply made again, on another replica. */
  async #ask<T>(
    model: string,
    ask: (upstream: EngineUpstream) => Promise<T>,
    signal: AbortSignal,
    onBreak: () => void,
    trace: RequestTrace | null = null,
    operation = "",
  ): Promise<T> {
    const { clock, limits, replicas } = this.#services;
    const avoided: Avoided = new Map();
    for (let attempt = 1; ; attempt++) {
      const timeoutMs = attempt === 1 ? limits.loadMs : limits.continueMs;
      const lend = () => replicas.lease(this.#stored(model), { signal, avoid: avoided, timeoutMs });
      const lease = await (trace === null ? lend() : tracedChoice(trace, model, clock, lend, () => REPLICA));
      try {
        const upstream = this.#upstream(lease);
        if (trace === null) return await ask(upstream);
        const asked = { operation, model, backend: REPLICA, upstream: upstream.id };
        return await tracedQuestion(trace, asked, clock, signal, () => ask(upstream));
      } catch (thrown) {
        if (!(thrown instanceof UpstreamBroken)) throw thrown;
        if (attempt >= limits.continueAttempts) throw thrown.error;
        this.#avoid(avoided, lease, thrown);
        onBreak();
      } finally {
        lease.release();
      }
    }
  }

  /** The vectors of two backends are not of one space: a model's backends are to be the same model. */
  async #askElsewhere<T>(
    set: BackendSet,
    needs: RoutingNeeds,
    ask: (upstream: Upstream) => Promise<T>,
    signal: AbortSignal,
    tally: Tally,
  ): Promise<T> {
    const { clock, limits, routed } = this.#services;
    const chosen = set.picker(
      needs,
      routed.residencyFor(tally.residency),
      signal,
      (id) => tally.attempt(id),
      (audit) => tally.decide(audit),
    );
    const pick = tally.trace === null ? chosen : tracedPick(chosen, tally.trace, set.model.name, clock);
    const avoided = new Map<string, number>();
    set.begin();
    for (let attempt = 1; ; attempt++) {
      const { release, upstream } = await pick(avoided, attempt === 1 ? null : limits.continueMs);
      try {
        return await ask(upstream);
      } catch (thrown) {
        if (!(thrown instanceof UpstreamBroken)) throw thrown;
        if (attempt >= limits.continueAttempts || !set.mayRetry()) throw thrown.error;
        avoided.set(upstream.id, clock.now() + AVOID_MS);
        tally.continuations++;
      } finally {
        release();
      }
    }
  }

  /** The stored model behind a name of the configuration. */
  #stored(model: string): string {
    const set = this.#services.routed.find(model);
    if (set === null) return model;
    const own = storedName(set.model);
    if (own !== null) return own;
    throw new ArrieroError("unsupported", `${model} has no replicas on this server, and only those can do this.`);
  }

  #upstream(lease: ReplicaLease): EngineUpstream {
    return new EngineUpstream(this.#services, lease.address);
  }

  /** A process that is going away never comes back at its address; its successor has another. */
  #avoid(avoided: Avoided, lease: ReplicaLease, { error }: UpstreamBroken): void {
    const until = error.code === "draining" ? Number.POSITIVE_INFINITY : this.#services.clock.now() + AVOID_MS;
    avoided.set(lease.address, until);
  }
}

/** The event as it is charged: what was said before was charged to the one who said it. */
function without(event: GenerationEvent, before: number): GenerationEvent {
  if (event.type !== "usage" || before === 0) return event;
  return { ...event, completionTokens: Math.max(0, event.completionTokens - before) };
}

function counting(pick: PickUpstream, tally: Tally): PickUpstream {
  return async (avoid, patienceMs) => {
    const lent = await pick(avoid, patienceMs);
    tally.attempts++;
    return lent;
  };
}

const makesImages = ({ backends }: RoutedModel): boolean => backends.some(({ capabilities }) => capabilities.includes("images"));
