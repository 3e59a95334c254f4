import type { Clock } from "@arriero/fleet";
import type {
  EmbeddingRequest,
  EmbeddingResult,
  GenerationEvent,
  GenerationRequest,
  ImageRequest,
  ImageResult,
} from "@arriero/spec";
import { ArrieroError } from "@arriero/spec";
import type { LentUpstream, PickUpstream } from "../upstream/continuation.ts";
import type { EventSink, Relay, Upstream, UpstreamCapabilities } from "../upstream/upstream.ts";
import { withTraceHeaders } from "./outgoing-trace.ts";
import type { AttemptOutcome, AttemptTrace, RequestTrace } from "./request-trace.ts";
import type { Attributes } from "./span.ts";
import { type Asked, beginAttempt, codeOf, REPLICA, tracedChoice, tracedQuestion } from "./traced-question.ts";

/** Each choice is a span, and each request to what was chosen. */
export function tracedPick(pick: PickUpstream, trace: RequestTrace, model: string, clock: Clock): PickUpstream {
  return async (avoid, patienceMs) => {
    const nameOf = ({ name }: LentUpstream): string => name ?? REPLICA;
    const lent = await tracedChoice(trace, model, clock, () => pick(avoid, patienceMs), nameOf);
    return { ...lent, upstream: new TracedUpstream(lent.upstream, trace, nameOf(lent), clock) };
  };
}

/** An upstream each request to which is a span, and carries it to the backend. */
class TracedUpstream implements Upstream {
  readonly id: string;
  readonly capabilities: UpstreamCapabilities;
  readonly #upstream: Upstream;
  readonly #trace: RequestTrace;
  readonly #backend: string;
  readonly #clock: Clock;

  constructor(upstream: Upstream, trace: RequestTrace, backend: string, clock: Clock) {
    this.id = upstream.id;
    this.capabilities = upstream.capabilities;
    this.#upstream = upstream;
    this.#trace = trace;
    this.#backend = backend;
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
    const watch = this.#watch(request.model, signal);
    const events = this.#upstream.generate(request, signal);
    try {
      // The first step sends the request; what follows only reads its answer.
      let next = await withTraceHeaders(watch.headers, () => events.next());
      for (; !next.done; next = await events.next()) {
        watch.see(next.value, this.#clock.now());
        yield next.value;
      }
    } catch (thrown) {
      watch.failed(thrown);
      throw thrown;
    } finally {
      watch.end(this.#clock.now());
      // Who leaves early leaves the upstream too.
      await events.return();
    }
  }

  async #relay(relay: Relay, request: GenerationRequest, signal: AbortSignal, sink: EventSink, wholeMs: number): Promise<void> {
    const watch = this.#watch(request.model, signal);
    const watched: EventSink = (events) => {
      for (const event of events) watch.see(event, this.#clock.now());
      return sink(events);
    };
    try {
      await withTraceHeaders(watch.headers, () => relay.call(this.#upstream, request, signal, watched, wholeMs));
    } catch (thrown) {
      watch.failed(thrown);
      throw thrown;
    } finally {
      watch.end(this.#clock.now());
    }
  }

  embed(request: EmbeddingRequest, signal: AbortSignal): Promise<EmbeddingResult> {
    return this.#asked("embeddings", request.model, signal, () => this.#upstream.embed(request, signal));
  }

  images(request: ImageRequest, signal: AbortSignal): Promise<ImageResult> {
    const upstream = this.#upstream;
    if (upstream.images === undefined) throw new ArrieroError("unsupported", `The backend ${this.#backend} makes no images.`);
    return this.#asked("generate_content", request.model, signal, () => upstream.images!(request, signal));
  }

  #asked<T>(operation: string, model: string, signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
    return tracedQuestion(this.#trace, this.#named(operation, model), this.#clock, signal, ask);
  }

  #watch(model: string, signal: AbortSignal): AttemptWatch {
    const now = this.#clock.now();
    return new AttemptWatch(beginAttempt(this.#trace, this.#named("chat", model), now), now, signal);
  }

  #named(operation: string, model: string): Asked {
    return { operation, model, backend: this.#backend, upstream: this.id };
  }
}

/** What the events of one attempt tell its span. */
class AttemptWatch {
  readonly #attempt: AttemptTrace;
  readonly #startedAt: number;
  readonly #signal: AbortSignal;
  #outcome: AttemptOutcome = "left";
  #error: string | null = null;
  #firstTokenAt: number | null = null;
  #usage: Attributes = {};

  constructor(attempt: AttemptTrace, startedAt: number, signal: AbortSignal) {
    this.#attempt = attempt;
    this.#startedAt = startedAt;
    this.#signal = signal;
  }

  get headers(): AttemptTrace["headers"] {
    return this.#attempt.headers;
  }

  see(event: GenerationEvent, now: number): void {
    switch (event.type) {
      case "start":
        return;
      case "text":
      case "reasoning":
      case "tool-call":
      case "finish":
        this.#firstTokenAt ??= now;
        return;
      case "usage":
        this.#outcome = "success";
        this.#usage = { "gen_ai.usage.input_tokens": event.promptTokens, "gen_ai.usage.output_tokens": event.completionTokens };
        return;
      case "error":
        this.#outcome = "failure";
        this.#error = event.error.code;
        return;
      default:
        event satisfies never;
    }
  }

  failed(thrown: unknown): void {
    if (this.#signal.aborted) return;
    this.#outcome = "failure";
    this.#error = codeOf(thrown);
  }

  end(now: number): void {
    const first = this.#firstTokenAt === null ? undefined : (this.#firstTokenAt - this.#startedAt) / 1000;
    const timing: Attributes = { "gen_ai.response.time_to_first_chunk": first };
    this.#attempt.end(this.#outcome, this.#error, now, { ...this.#usage, ...timing });
  }
}
