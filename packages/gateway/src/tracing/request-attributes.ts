import type { Exchange } from "../http/exchange.ts";
import type { Attributes } from "./span.ts";

/** What routes do, in the words of OpenTelemetry's conventions for generative AI. */
const OPERATIONS: readonly (readonly [RegExp, string])[] = [
  [/embed/, "embeddings"],
  [/rerank/, "rerank"],
  [/\/completions$|\/generate|^\/$/, "text_completion"],
];

/** `/v1/chat/completions` ends as completions do, and is a chat. */
export function operationOf(route: string): string {
  if (/chat|messages|responses/.test(route)) return "chat";
  return OPERATIONS.find(([pattern]) => pattern.test(route))?.[1] ?? "chat";
}

/** The span of a request: its name and what is known of it at its end. No text of prompt or answer. */
export function requestSpan(method: string, route: string, exchange: Exchange, status: number) {
  const { tally } = exchange;
  const http: Attributes = {
    "http.request.method": method,
    "http.route": route,
    "http.response.status_code": status,
    "arriero.request_id": exchange.ids.request,
    "arriero.client": exchange.client,
  };
  if (tally.model === null) return { name: `${method} ${route}`, attributes: http };
  const operation = operationOf(route);
  const genAi: Attributes = {
    "gen_ai.operation.name": operation,
    "gen_ai.provider.name": "arriero",
    "gen_ai.request.model": tally.adapter === null ? tally.model : `${tally.model}+${tally.adapter}`,
    "gen_ai.usage.input_tokens": tally.promptTokens,
    "gen_ai.usage.output_tokens": tally.completionTokens,
    "gen_ai.usage.cache_read.input_tokens": tally.cachedTokens,
    // Seconds.
    "gen_ai.response.time_to_first_chunk":
      tally.firstTokenAt === null ? undefined : (tally.firstTokenAt - exchange.startedAt) / 1000,
    "arriero.backend": tally.backend ?? undefined,
    "arriero.attempts": tally.attempts,
    "arriero.continuations": tally.continuations,
  };
  return { name: `${operation} ${tally.model}`, attributes: { ...http, ...genAi } };
}
