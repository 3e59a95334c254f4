import type { GenerationEventOf } from "@arriero/spec";

export interface OpenAiUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: { readonly cached_tokens: number };
  readonly completion_tokens_details: { readonly reasoning_tokens: number };
}

/** The usage of one answer, summed over the generations it took. */
export function formatUsage(parts: readonly GenerationEventOf<"usage">[]): OpenAiUsage {
  const total = { prompt: 0, cached: 0, completion: 0, reasoning: 0 };
  for (const part of parts) {
    total.prompt += part.promptTokens;
    total.cached += part.cachedTokens;
    total.completion += part.completionTokens;
    total.reasoning += part.reasoningTokens;
  }
  return {
    prompt_tokens: total.prompt,
    completion_tokens: total.completion,
    total_tokens: total.prompt + total.completion,
    prompt_tokens_details: { cached_tokens: total.cached },
    completion_tokens_details: { reasoning_tokens: total.reasoning },
  };
}
