import type { Clock } from "@arriero/fleet";
import {
  ArrieroError,
  type EmbeddingRequest,
  type EmbeddingResult,
  type GenerationEvent,
  type GenerationRequest,
} from "@arriero/spec";
import type { Upstream, UpstreamCapabilities } from "../upstream/upstream.ts";
import { UpstreamBroken } from "../upstream/upstream-broken.ts";
import type { BackendWork, WorkOutcome } from "./backend-health.ts";

/** An upstream whose attempts are told to its backend's health, under the backend's name for the model. */
export class WatchedUpstream implements Upstream {
  readonly id: string;
  readonly capabilities: UpstreamCapabilities;
  readonly #upstream: Upstream;
  readonly #work: BackendWork;
  readonly #model: string | null;
  readonly #clock: Clock;

  /** @param model the name to ask for; null: as the request has it */
  constructor(upstream: Upstream, work: BackendWork, model: string | null, clock: Clock) {
    this.id = upstream.id;
    this.capabilities = upstream.capabilities;
    this.#upstream = upstream;
    this.#work = work;
    this.#model = model;
    this.#clock = clock;
  }

  async *generate(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent, void, void> {
    let outcome: WorkOutcome = { kind: "left" };
    let last: number | null = null;
    try {
      for await (const event of this.#upstream.generate(this.#named(request), signal)) {
        const now = this.#clock.now();
        if (event.type === "error") outcome = failure(event.error.retryAfter);
        else if (event.type === "usage") outcome = { kind: "success" };
        else if (event.type !== "start") {
          if (last === null) this.#work.firstToken(now);
          else this.#work.gap(now - last);
          last = now;
        }
        yield event;
      }
    } catch (thrown) {
      outcome = judged(thrown, signal);
      throw thrown;
    } finally {
      this.#work.end(outcome, this.#clock.now());
    }
  }

  async embed(request: EmbeddingRequest, signal: AbortSignal): Promise<EmbeddingResult> {
    try {
      const result = await this.#upstream.embed(this.#named(request), signal);
      this.#work.end({ kind: "success" }, this.#clock.now());
      return result;
    } catch (thrown) {
      this.#work.end(judged(thrown, signal), this.#clock.now());
      throw thrown;
    }
  }

  #named<Request extends { readonly model: string }>(request: Request): Request {
    return this.#model === null ? request : { ...request, model: this.#model };
  }
}

/** Only what another backend might have done better speaks against this one. */
function judged(thrown: unknown, signal: AbortSignal): WorkOutcome {
  if (signal.aborted) return { kind: "left" };
  if (thrown instanceof UpstreamBroken) return failure(thrown.error.body.retryAfter);
  return thrown instanceof ArrieroError && thrown.status < 500 && thrown.status !== 429
    ? { kind: "success" }
    : failure(undefined);
}

function failure(retryAfter: number | undefined): WorkOutcome {
  return { kind: "failure", retryAfterMs: retryAfter === undefined ? null : retryAfter * 1000 };
}
