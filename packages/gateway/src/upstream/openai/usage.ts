import type { UsageCounts } from "../backend/foreign-answer.ts";
import { countOf, type JsonObject, objectOf } from "../backend/json-object.ts";

/** OpenAI's `usage`; what it does not say is 0. */
export function readUsage(usage: JsonObject): UsageCounts {
  return {
    promptTokens: countOf(usage.prompt_tokens),
    cachedTokens: countOf(objectOf(usage.prompt_tokens_details).cached_tokens),
    completionTokens: countOf(usage.completion_tokens),
    reasoningTokens: countOf(objectOf(usage.completion_tokens_details).reasoning_tokens),
  };
}
