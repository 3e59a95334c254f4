import type { RerankResult } from "@arriero/spec";
import type { RerankPresentation } from "./parse.ts";

export interface RerankAnswer {
  readonly id: string;
  readonly model: string;
  /** Best first. */
  readonly results: readonly {
    /** Position in the caller's documents. */
    readonly index: number;
    readonly relevance_score: number;
    readonly document?: { readonly text: string };
  }[];
  /** Where Cohere's and Xinference's clients look for the count. */
  readonly meta: { readonly tokens: { readonly input_tokens: number; readonly output_tokens: number } };
  /** Where Jina's and vLLM's do. */
  readonly usage: { readonly prompt_tokens: number; readonly total_tokens: number };
}

/** The scores are the model's own, the higher the better; documents of the same score keep their order. */
export function formatRerank(result: RerankResult, { documents, id, model, top }: RerankPresentation): RerankAnswer {
  const ranked = result.scores.map((score, index) => ({ index, relevance_score: score }));
  ranked.sort((a, b) => b.relevance_score - a.relevance_score);
  return {
    id,
    model,
    results: ranked.slice(0, top).map((each) => {
      const text = documents?.[each.index];
      return text === undefined ? each : { ...each, document: { text } };
    }),
    meta: { tokens: { input_tokens: result.promptTokens, output_tokens: 0 } },
    usage: { prompt_tokens: result.promptTokens, total_tokens: result.promptTokens },
  };
}
