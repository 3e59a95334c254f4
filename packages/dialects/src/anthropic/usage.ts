import type { GenerationEventOf } from "@arriero/spec";

export interface AnthropicUsage {
  /** Prompt tokens that were computed: those read from the cache are not among them. */
  readonly input_tokens: number;
  readonly cache_creation_input_tokens: 0;
  readonly cache_read_input_tokens: number;
  readonly output_tokens: number;
  readonly output_tokens_details?: { readonly thinking_tokens: number };
}

/** The usage of a message that begins. */
export function openingUsage({ cachedTokens, promptTokens }: GenerationEventOf<"start">): AnthropicUsage {
  return {
    input_tokens: promptTokens - cachedTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cachedTokens,
    output_tokens: 0,
  };
}

/** The usage of a whole message. */
export function formatUsage(usage: GenerationEventOf<"usage">): AnthropicUsage {
  return {
    input_tokens: usage.promptTokens - usage.cachedTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: usage.cachedTokens,
    output_tokens: usage.completionTokens,
    output_tokens_details: { thinking_tokens: usage.reasoningTokens },
  };
}
