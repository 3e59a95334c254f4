import type { Clock } from "@arriero/fleet";
import { ArrieroError } from "@arriero/spec";
import { UpstreamBroken } from "../upstream/upstream-broken.ts";
import { withTraceHeaders } from "./outgoing-trace.ts";
import type { AttemptTrace, RequestTrace } from "./request-trace.ts";

/** What stands for a backend where replicas of this server answer. */
export const REPLICA = "replica";

export interface Asked {
  /** In the words of OpenTelemetry's conventions where they have one. */
  readonly operation: string;
  readonly model: string;
  readonly backend: string;
  /** Address or id of what is asked. */
  readonly upstream: string;
}

/** The span of one request to a backend. */
export function beginAttempt(trace: RequestTrace, { backend, model, operation, upstream }: Asked, now: number): AttemptTrace {
  const attributes = {
    "gen_ai.operation.name": operation,
    "gen_ai.request.model": model,
    "arriero.backend": backend,
    "arriero.upstream": upstream,
  };
  return trace.attempt(`${operation} ${model}`, attributes, now);
}

/** The choice of who is asked, as a span. */
export async function tracedChoice<T>(
  trace: RequestTrace,
  model: string,
  clock: Clock,
  choose: () => Promise<T>,
  nameOf: (chosen: T) => string,
): Promise<T> {
  const startedAt = clock.now();
  try {
    const chosen = await choose();
    trace.routed(model, startedAt, nameOf(chosen), null, clock.now());
    return chosen;
  } catch (thrown) {
    trace.routed(model, startedAt, null, codeOf(thrown), clock.now());
    throw thrown;
  }
}

/** A question with one answer (embeddings, ranks, images), as a span that is told to whoever is asked. */
export async function tracedQuestion<T>(
  trace: RequestTrace,
  asked: Asked,
  clock: Clock,
  signal: AbortSignal,
  ask: () => Promise<T>,
): Promise<T> {
  const attempt = beginAttempt(trace, asked, clock.now());
  try {
    const result = await withTraceHeaders(attempt.headers, ask);
    attempt.end("success", null, clock.now(), { "gen_ai.usage.input_tokens": promptTokensOf(result) });
    return result;
  } catch (thrown) {
    attempt.end(signal.aborted ? "left" : "failure", signal.aborted ? null : codeOf(thrown), clock.now());
    throw thrown;
  }
}

function promptTokensOf(result: unknown): number | undefined {
  const { promptTokens } = result as { readonly promptTokens?: unknown };
  return typeof promptTokens === "number" ? promptTokens : undefined;
}

export function codeOf(thrown: unknown): string {
  return thrown instanceof UpstreamBroken ? thrown.error.code : ArrieroError.wrap(thrown).code;
}
