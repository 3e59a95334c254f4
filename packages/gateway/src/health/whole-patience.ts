import { type GapHistogram, gapQuantile } from "./gap-histogram.ts";

export interface WholeRules {
  /** An answer here within this is hardly worth watching: made anew, it costs no more. */
  readonly soonMs: number;
  /** Answers below which nothing is learnt yet. */
  readonly leastAnswers: number;
  readonly floorMs: number;
  /** This many times the 99th percentile of the answers' durations. */
  readonly factor: number;
}

export const WHOLE_RULES: WholeRules = { soonMs: 2_000, leastAnswers: 64, floorMs: 5_000, factor: 10 };

/**
 * How long to wait for an answer asked for in one piece, milliseconds; 0: it is better watched as it comes. A piece costs
 * less to read than a stream, but one that stalls is noticed late and can only be made anew: so it is asked for only where nearly
 * all of a backend's answers are short.
 *
 * @param answers how long the backend's answers took
 */
export function wholePatience(answers: GapHistogram, rules: WholeRules = WHOLE_RULES): number {
  const p99 = gapQuantile(answers, 0.99);
  if (p99 === null || answers.total < rules.leastAnswers || p99 > rules.soonMs) return 0;
  return Math.max(rules.floorMs, rules.factor * p99);
}
