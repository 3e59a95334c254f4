import type { Clock, LeaseOptions, ReplicaLease } from "@arriero/fleet";
import {
  ArrieroError,
  type EmbeddingRequest,
  type EmbeddingResult,
  type GenerationEvent,
  type GenerationRequest,
  type ReplicaAddress,
  type RerankRequest,
  type RerankResult,
  type TokenizeRequest,
  type TokenizeResult,
} from "@arriero/spec";
import type { GatewayLimits } from "./gateway-limits.ts";
import type { Tally } from "./http/tally.ts";
import { continueGeneration } from "./upstream/continuation.ts";
import type { EnginePools } from "./upstream/engine-pools.ts";
import { EngineUpstream } from "./upstream/engine-upstream.ts";
import { ReplicaBroken } from "./upstream/replica-broken.ts";

/** A replica that has just failed a request is not asked again by it for this long: time for its supervisor to see it. */
const AVOID_MS = 1_000;

export interface ReplicaSource {
  lease(model: string, options: LeaseOptions): Promise<ReplicaLease>;
}

export interface InferenceServices {
  readonly replicas: ReplicaSource;
  readonly pools: EnginePools;
  readonly limits: GatewayLimits;
  readonly clock: Clock;
}

/** Where a request may not go, and until when. */
type Avoided = Map<ReplicaAddress, number>;

/** Runs requests on replicas: picks one, speaks to it, goes on elsewhere when it breaks. */
export class Inference {
  readonly #services: InferenceServices;

  constructor(services: InferenceServices) {
    this.#services = services;
  }

  /** The whole sequence of events, whatever becomes of replicas. Ends early only by throwing. */
  async *generate(request: GenerationRequest, signal: AbortSignal, tally: Tally): AsyncGenerator<GenerationEvent, void, void> {
    const { clock, limits } = this.#services;
    const avoided: Avoided = new Map();
    const events = continueGeneration(
      { ...request, wantPromptTokens: true },
      {
        attempt: (each, patienceMs) => this.#attempt(each, signal, avoided, patienceMs),
        limits,
        clock,
        onBreak: () => tally.continuations++,
      },
    );
    try {
      for await (const event of events) {
        tally.count(event, clock.now());
        yield event;
      }
    } catch (thrown) {
      tally.error = ArrieroError.wrap(thrown);
      throw tally.error;
    }
  }

  /** Loads a model without asking it for anything. */
  async load(model: string, signal: AbortSignal): Promise<void> {
    (await this.#services.replicas.lease(model, { signal, timeoutMs: this.#services.limits.loadMs })).release();
  }

  async rerank(request: RerankRequest, signal: AbortSignal, tally: Tally): Promise<RerankResult> {
    const ask = (upstream: EngineUpstream) => upstream.rerank(request, signal);
    const result = await this.#ask(request.model, ask, signal, () => tally.continuations++);
    tally.promptTokens += result.promptTokens;
    return result;
  }

  async embed(request: EmbeddingRequest, signal: AbortSignal, tally: Tally): Promise<EmbeddingResult> {
    const ask = (upstream: EngineUpstream) => upstream.embed(request, signal);
    const result = await this.#ask(request.model, ask, signal, () => tally.continuations++);
    tally.promptTokens += result.promptTokens;
    return result;
  }

  /**
   * The tokens a generation of this input would read. A model's own system message and example turns are part of the
   * input only once `settleRequest` has put them there. Throws model_not_found for a model that is not here.
   */
  tokenize(request: TokenizeRequest & { readonly model: string }, signal: AbortSignal): Promise<TokenizeResult> {
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
  ): Promise<T> {
    const { limits, replicas } = this.#services;
    const avoided: Avoided = new Map();
    for (let attempt = 1; ; attempt++) {
      const timeoutMs = attempt === 1 ? limits.loadMs : limits.continueMs;
      const lease = await replicas.lease(model, { signal, avoid: avoided, timeoutMs });
      try {
        return await ask(this.#upstream(lease));
      } catch (thrown) {
        if (!(thrown instanceof ReplicaBroken)) throw thrown;
        if (attempt >= limits.continueAttempts) throw thrown.error;
        this.#avoid(avoided, lease, thrown);
        onBreak();
      } finally {
        lease.release();
      }
    }
  }

  async *#attempt(request: GenerationRequest, signal: AbortSignal, avoided: Avoided, patienceMs: number | null) {
    const { limits, replicas } = this.#services;
    const timeoutMs = patienceMs ?? limits.loadMs;
    let full: ArrieroError | null = null;
    for (;;) {
      const lease: ReplicaLease =
        full === null
          ? await replicas.lease(request.model, { signal, avoid: avoided, timeoutMs })
          : await this.#leaseWithRoom(request, signal, avoided, full);
      try {
        yield* this.#upstream(lease).generate(request, signal);
        return;
      } catch (thrown) {
        if (thrown instanceof ReplicaBroken) this.#avoid(avoided, lease, thrown);
        if (!isQueueFull(thrown)) throw thrown;
        if (request.resume !== null) {
          // A begun answer is worth another try in a moment.
          const broken = new ReplicaBroken(thrown);
          this.#avoid(avoided, lease, broken);
          throw broken;
        }
        avoided.set(lease.address, Number.POSITIVE_INFINITY);
        full = thrown;
      } finally {
        lease.release();
      }
    }
  }

  /** A replica that has not refused yet; where there is none the refusal stands. */
  async #leaseWithRoom(
    request: GenerationRequest,
    signal: AbortSignal,
    avoid: Avoided,
    full: ArrieroError,
  ): Promise<ReplicaLease> {
    try {
      return await this.#services.replicas.lease(request.model, { signal, avoid, timeoutMs: 0 });
    } catch {
      throw full;
    }
  }

  #upstream(lease: ReplicaLease): EngineUpstream {
    return new EngineUpstream(this.#services, lease.address);
  }

  /** A process that is going away never comes back at its address; its successor has another. */
  #avoid(avoided: Avoided, lease: ReplicaLease, { error }: ReplicaBroken): void {
    const until = error.code === "draining" ? Number.POSITIVE_INFINITY : this.#services.clock.now() + AVOID_MS;
    avoided.set(lease.address, until);
  }
}

function isQueueFull(thrown: unknown): thrown is ArrieroError {
  return thrown instanceof ArrieroError && thrown.code === "queue_full";
}
