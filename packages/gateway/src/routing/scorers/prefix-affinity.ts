import { affinityCosts } from "./affinity.ts";
import type { Scorer } from "./scorer.ts";

/** The longest part of the prompt held wins: cost is tokens short of it. */
export const prefixAffinity: Scorer = (candidates, { promptTokens }) =>
  affinityCosts(candidates, ({ prefixTokens }) => Math.min(prefixTokens, promptTokens));
