import type { TokenStream } from "../client/token-stream.ts";

/** A stream as the client would have seen it: sent at one time, a token at each of the others, in ms. */
export function tokensAt(sentAt: number, arrivals: readonly number[]): TokenStream {
  return { sentAt, arrivals, text: "", tokens: arrivals.length, promptTokens: 0, cachedTokens: 0 };
}
