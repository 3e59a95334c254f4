/** Retries as a share of requests, by a bucket of tokens: each request adds a part of one, each retry takes one. */
export interface RetryBudget {
  readonly tokens: number;
  /** When tokens were last added, in milliseconds. */
  readonly at: number;
}

export interface RetryRules {
  /** Retries for each request. */
  readonly share: number;
  /** Tokens that come by time alone, so that few requests can be retried too. */
  readonly perSecond: number;
  /** Tokens kept at most: the retries of one burst. */
  readonly most: number;
}

export const RETRY_RULES: RetryRules = { share: 0.2, perSecond: 1, most: 100 };

/** Begins with a second's worth. */
export function newRetryBudget(now: number, rules: RetryRules = RETRY_RULES): RetryBudget {
  return { tokens: Math.min(rules.most, rules.perSecond), at: now };
}

function filled({ tokens, at }: RetryBudget, now: number, rules: RetryRules): RetryBudget {
  const seconds = Math.max(0, now - at) / 1000;
  return { tokens: Math.min(rules.most, tokens + seconds * rules.perSecond), at: Math.max(at, now) };
}

/** A request came in. Retries do not count as one. */
export function countRequest(budget: RetryBudget, now: number, rules: RetryRules = RETRY_RULES): RetryBudget {
  const { tokens, at } = filled(budget, now, rules);
  return { tokens: Math.min(rules.most, tokens + rules.share), at };
}

/** The budget after one retry; null where there is none left for it. */
export function takeRetry(budget: RetryBudget, now: number, rules: RetryRules = RETRY_RULES): RetryBudget | null {
  const { tokens, at } = filled(budget, now, rules);
  return tokens < 1 ? null : { tokens: tokens - 1, at };
}
