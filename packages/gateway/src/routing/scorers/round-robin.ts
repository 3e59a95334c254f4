import type { Scorer } from "./scorer.ts";

/** Each in its turn. No two cost the same, so it also settles what other scorers leave open. */
export const roundRobin: Scorer = (candidates, _request, { turn }) => {
  const first = turn % candidates.length;
  return candidates.map((_, index) => (index - first + candidates.length) % candidates.length);
};
