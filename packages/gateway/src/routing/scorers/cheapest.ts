import { requestCostMicros } from "../request-cost.ts";
import type { Scorer } from "./scorer.ts";

/** Dearer than any price. */
const UNKNOWN = Number.MAX_SAFE_INTEGER;

/** What the request may cost, in millionths of the currency unit; a backend without a price comes last. */
export const cheapest: Scorer = (candidates, request) =>
  candidates.map(({ backend, prefixTokens }) => requestCostMicros(backend, request, prefixTokens) ?? UNKNOWN);
