import type { Filter } from "./refusal.ts";

/** One more request fits into what it takes at once and in a minute. */
export const limits: Filter = ({ backend, lastMinute, outstanding }, { outputTokens, promptTokens }) => {
  const { maxConcurrent, requestsPerMinute, tokensPerMinute } = backend.limits;
  const refuse = (limit: string, wanted: number, value: number) =>
    ({ rule: "limits", message: `${limit} is ${wanted}, and it would be ${value}`, wanted, value }) as const;
  if (maxConcurrent !== null && outstanding.requests >= maxConcurrent) {
    return refuse("maxConcurrent", maxConcurrent, outstanding.requests + 1);
  }
  if (requestsPerMinute !== null && lastMinute.requests >= requestsPerMinute) {
    return refuse("requestsPerMinute", requestsPerMinute, lastMinute.requests + 1);
  }
  const tokens = lastMinute.tokens + promptTokens + outputTokens;
  // A request above the limit by itself goes through when nothing else did: else it never would.
  if (tokensPerMinute !== null && lastMinute.tokens > 0 && tokens > tokensPerMinute) {
    return refuse("tokensPerMinute", tokensPerMinute, tokens);
  }
  return null;
};
