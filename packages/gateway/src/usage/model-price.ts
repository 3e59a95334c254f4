import { allowsModel } from "@arriero/store";

/** What a model's tokens cost, for each million of them, in whatever currency budgets are given in. */
export interface ModelPrice {
  /** Name or pattern, of MODEL or MODEL+ADAPTER. */
  readonly model: string;
  readonly prompt: number;
  /** Of the prompt, what was found in a cache; as the rest of it where left out. */
  readonly cached?: number | undefined;
  readonly completion: number;
}

export interface CountedTokens {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
}

/** The first price that names the model; null: it costs nothing. */
export function priceOf(prices: readonly ModelPrice[], model: string, adapter: string | null): ModelPrice | null {
  const name = adapter === null ? model : `${model}+${adapter}`;
  return prices.find((price) => allowsModel({ models: [price.model] }, name)) ?? null;
}

/** Millionths, rounded once for the whole request. A price for a million tokens is one token's in millionths. */
export function costMicros(price: ModelPrice | null, { cachedTokens, completionTokens, promptTokens }: CountedTokens): number {
  if (price === null) return 0;
  const cached = Math.min(cachedTokens, promptTokens);
  const prompt = (promptTokens - cached) * price.prompt + cached * (price.cached ?? price.prompt);
  return Math.round(prompt + completionTokens * price.completion);
}
