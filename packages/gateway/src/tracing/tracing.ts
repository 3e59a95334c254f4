import { randomBytes } from "node:crypto";
import type { Clock } from "@arriero/fleet";
import type { Exchange } from "../http/exchange.ts";
import type { Route } from "../http/route.ts";
import { OtlpExporter } from "./otlp-exporter.ts";
import { requestSpan } from "./request-attributes.ts";
import { RequestTrace } from "./request-trace.ts";
import { readTraceParent, type TraceParent } from "./trace-parent.ts";
import type { TracingOptions } from "./tracing-options.ts";

/** What a sampler may compare: the last seven bytes of a trace's id are random (W3C Trace Context, level 2). */
const RANDOM_DIGITS = 13;
const RANDOM_END = 16 ** RANDOM_DIGITS;
/** Longer ones may be dropped, by the same specification. */
const MOST_STATE_CHARS = 512;

/** Traces of requests to models, on their way to a collector. Loaded only where there is one. */
export class Tracing {
  readonly #exporter: OtlpExporter;
  readonly #share: number;

  /** @param onFailure told once for each time that the collector stops taking spans */
  constructor(options: TracingOptions, version: string, clock: Clock, onFailure: (message: string) => void) {
    this.#exporter = new OtlpExporter({ ...options, version, clock, onFailure });
    this.#share = options.share;
  }

  /** null: of requests that reach no model nothing is told. */
  begin({ headers, startedAt }: Pick<Exchange, "headers" | "startedAt">, route: Route | null): RequestTrace | null {
    if (!route?.inference) return null;
    const caller = readTraceParent(headers["traceparent"]);
    const state = headers["tracestate"];
    return new RequestTrace({
      trace: caller ?? this.#begun(),
      state: caller !== null && typeof state === "string" && state.length <= MOST_STATE_CHARS ? state : null,
      startedAt,
      sink: (span) => this.#exporter.add(span),
    });
  }

  end(exchange: Exchange, method: string, route: string, status: number, now: number): void {
    const { trace } = exchange.tally;
    if (trace === null) return;
    const { attributes, name } = requestSpan(method, route, exchange, status);
    trace.end(name, attributes, exchange.error?.code ?? null, now);
  }

  /** Sends what waits, within bounds. */
  close(): Promise<void> {
    return this.#exporter.close();
  }

  #begun(): Omit<TraceParent, "spanId"> & { readonly spanId: null } {
    const traceId = randomBytes(16).toString("hex");
    const sampled = Number.parseInt(traceId.slice(-RANDOM_DIGITS), 16) < this.#share * RANDOM_END;
    return { traceId, spanId: null, sampled };
  }
}
