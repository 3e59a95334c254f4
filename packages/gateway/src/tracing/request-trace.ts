import { randomBytes } from "node:crypto";
import type { TraceHeaders } from "./outgoing-trace.ts";
import type { Attributes, Span } from "./span.ts";
import { type TraceParent, writeTraceParent } from "./trace-parent.ts";

export type AttemptOutcome = "success" | "failure" | "left";

/** One request to a backend while it runs. */
export interface AttemptTrace {
  /** For the backend: the attempt is its parent. */
  readonly headers: TraceHeaders;
  end(outcome: AttemptOutcome, error: string | null, now: number, attributes?: Attributes): void;
}

export interface RequestTraceOptions {
  /** The caller's, or one that begins here: then without a span. */
  readonly trace: Omit<TraceParent, "spanId"> & { readonly spanId: string | null };
  /** Passed on as it came; null: none did. */
  readonly state: string | null;
  readonly startedAt: number;
  sink(span: Span): void;
}

/**
 * The trace of one request: a span of its own, below it one for each choice of a backend and one for each attempt. Of one that is
 * not sampled only the headers are made, for the backend.
 */
export class RequestTrace {
  readonly #options: RequestTraceOptions;
  readonly #spanId = newSpanId();
  #attempts = 0;

  constructor(options: RequestTraceOptions) {
    this.#options = options;
  }

  /** The choice of a backend for an attempt, the wait for one included. @param backend null: there was none */
  routed(model: string, startedAt: number, backend: string | null, error: string | null, endedAt: number): void {
    const attributes = { "gen_ai.request.model": model, "arriero.backend": backend ?? undefined };
    this.#emit({ ...this.#child(), name: `route ${model}`, kind: "internal", startedAt, endedAt, attributes, error });
  }

  attempt(name: string, attributes: Attributes, startedAt: number): AttemptTrace {
    const { state, trace } = this.#options;
    const child = this.#child();
    const number = ++this.#attempts;
    const { sampled, traceId } = trace;
    const traceparent = writeTraceParent({ traceId, spanId: child.spanId, sampled });
    let ended = false;
    return {
      headers: state === null ? { traceparent } : { traceparent, tracestate: state },
      end: (outcome, error, endedAt, more = {}) => {
        if (ended) return;
        ended = true;
        const said = { "arriero.attempt": number, "arriero.continuation": number > 1, "arriero.outcome": outcome };
        this.#emit({
          ...child,
          name,
          kind: "client",
          startedAt,
          endedAt,
          attributes: { ...attributes, ...more, ...said },
          error,
        });
      },
    };
  }

  end(name: string, attributes: Attributes, error: string | null, endedAt: number): void {
    const { startedAt, trace } = this.#options;
    const own = { spanId: this.#spanId, parentSpanId: trace.spanId };
    this.#emit({ ...own, name, kind: "server", startedAt, endedAt, attributes, error });
  }

  #child(): Pick<Span, "spanId" | "parentSpanId"> {
    return { spanId: newSpanId(), parentSpanId: this.#spanId };
  }

  #emit(span: Omit<Span, "traceId">): void {
    const { sink, trace } = this.#options;
    if (!trace.sampled) return;
    sink({ ...span, traceId: trace.traceId, attributes: { ...span.attributes, "error.type": span.error ?? undefined } });
  }
}

const newSpanId = (): string => randomBytes(8).toString("hex");
