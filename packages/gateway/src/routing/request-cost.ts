import type { BackendDescription } from "@arriero/spec";
import type { RoutingRequest } from "./routing-request.ts";

/**
 * What the request may cost there at most, in millionths of the currency unit: a price for a million tokens is a
 * token's in millionths. `prefixTokens` of the prompt are billed as cached. null: the price is not known.
 */
export function requestCostMicros(
  { pricePerMillion: price }: BackendDescription,
  { outputTokens, promptTokens }: RoutingRequest,
  prefixTokens: number,
): number | null {
  if (price === null) return null;
  const cached = Math.min(prefixTokens, promptTokens);
  return (promptTokens - cached) * price.input + cached * (price.cachedInput ?? price.input) + outputTokens * price.output;
}
