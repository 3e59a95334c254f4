import type { Scorer } from "./scorer.ts";
import { capacity } from "./work.ts";

/** Tokens it would have outstanding with this request, what it holds of the prompt left out, for its capacity. */
export const leastWork: Scorer = (candidates, { outputTokens, promptTokens }) =>
  candidates.map((candidate) => {
    const added = Math.max(0, promptTokens - candidate.prefixTokens) + outputTokens;
    return (candidate.outstanding.tokens + added) / capacity(candidate);
  });
