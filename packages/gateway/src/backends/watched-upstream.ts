import type { Clock } from "@arriero/fleet";
import {
  ArrieroError,
  type EmbeddingRequest,
  type EmbeddingResult,
  type GenerationEvent,
  type GenerationRequest,
  type ImageRequest,
  type ImageResult,
} from "@arriero/spec";
import type { EventSink, Relay, Upstream, UpstreamCapabilities } from "../upstream/upstream.ts";
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

  /** Only where the upstream itself can. */
  get relay(): Upstream["relay"] {
    const { relay } = this.#upstream;
    return relay === undefined
      ? undefined
      : (request, signal, sink, wholeMs) => this.#relay(relay, request, signal, sink, wholeMs);
  }

  async *generate(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GenerationEvent, void, void> {
    const watch = new AttemptWatch(this.#work);
    try {
      for await (const event of this.#upstream.generate(this.#named(request), signal)) {
        watch.see(event, this.#clock.now());
        yield event;
      }
    } catch (thrown) {
      watch.outcome = outcomeOf(thrown, signal);
      throw thrown;
    } finally {
      this.#work.end(watch.outcome, this.#clock.now());
    }
  }

  async #relay(relay: Relay, request: GenerationRequest, signal: AbortSignal, sink: EventSink, wholeMs: number): Promise<void> {
    const watch = new AttemptWatch(this.#work);
    const watched: EventSink = (events) => {
      const now = this.#clock.now();
      for (const event of events) watch.see(event, now);
      return sink(events);
    };
    try {
      // What only looks at an answer's tokens learns nothing of one that comes in a piece.
      await relay.call(this.#upstream, this.#named(request), signal, watched, Math.min(wholeMs, this.#work.wholeMs));
    } catch (thrown) {
      watch.outcome = outcomeOf(thrown, signal);
      throw thrown;
    } finally {
      this.#work.end(watch.outcome, this.#clock.now());
    }
  }

  embed(request: EmbeddingRequest, signal: AbortSignal): Promise<EmbeddingResult> {
    return this.#asked(() => this.#upstream.embed(this.#named(request), signal), signal);
  }

  images(request: ImageRequest, signal: AbortSignal): Promise<ImageResult> {
    const upstream = this.#upstream;
    if (upstream.images === undefined) throw new ArrieroError("unsupported", `The backend ${this.id} makes no images.`);
    return this.#asked(() => upstream.images!(this.#named(request), signal), signal);
  }

  async #asked<Result>(ask: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    try {
      const result = await ask();
      this.#work.end({ kind: "success" }, this.#clock.now());
      return result;
    } catch (thrown) {
      this.#work.end(outcomeOf(thrown, signal), this.#clock.now());
      throw thrown;
    }
  }

  #named<Request extends { readonly model: string }>(request: Request): Request {
    return this.#model === null ? request : { ...request, model: this.#model };
  }
}

/** What the events of one attempt say about its backend. */
class AttemptWatch {
  outcome: WorkOutcome = { kind: "left" };
  readonly #work: BackendWork;
  #last: number | null = null;

  constructor(work: BackendWork) {
    this.#work = work;
  }

  see(event: GenerationEvent, now: number): void {
    switch (event.type) {
      case "start":
        return;
      case "error":
        this.outcome = failure(event.error.retryAfter);
        return;
      case "usage":
        this.outcome = { kind: "success" };
        return;
      case "text":
      case "reasoning":
      case "tool-call":
      case "finish":
        if (this.#last === null) this.#work.firstToken(now);
        else this.#work.gap(now - this.#last);
        this.#last = now;
        return;
      default:
        event satisfies never;
    }
  }
}

/** A caller who leaves says nothing about the backend. */
const outcomeOf = (thrown: unknown, { aborted }: AbortSignal): WorkOutcome => (aborted ? { kind: "left" } : judged(thrown));

/** Only what another backend might have done better speaks against this one. */
export function judged(thrown: unknown): WorkOutcome {
  if (thrown instanceof UpstreamBroken) return failure(thrown.error.body.retryAfter);
  return thrown instanceof ArrieroError && thrown.status < 500 && thrown.status !== 429
    ? { kind: "success" }
    : failure(undefined);
}

function failure(retryAfter: number | undefined): WorkOutcome {
  return { kind: "failure", retryAfterMs: retryAfter === undefined ? null : retryAfter * 1000 };
}
