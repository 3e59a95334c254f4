import type { TokenLogprob } from "@arriero/spec";
import { finiteLogprob } from "../chat/logprobs.ts";

export interface CompletionLogprobs {
  readonly tokens: readonly string[];
  readonly token_logprobs: readonly number[];
  /** By token text: the likeliest, and the one drawn. */
  readonly top_logprobs: readonly Readonly<Record<string, number>>[];
  /** Where each token begins in the choice's text, in characters (Unicode code points). */
  readonly text_offset: readonly number[];
}

/** `offset`: where the first token begins. */
export function formatCompletionLogprobs(tokens: readonly TokenLogprob[], offset: number): CompletionLogprobs {
  let position = offset;
  return {
    tokens: tokens.map((token) => token.text),
    token_logprobs: tokens.map((token) => finiteLogprob(token.logprob)),
    top_logprobs: tokens.map(byText),
    text_offset: tokens.map((token) => {
      const begins = position;
      position += charactersBegun(token);
      return begins;
    }),
  };
}

/** Characters that begin in the token: its UTF-8 bytes but the continuing ones (10xxxxxx). */
export function charactersBegun(token: TokenLogprob): number {
  let count = 0;
  for (const byte of token.bytes) if ((byte & 0xc0) !== 0x80) count += 1;
  return count;
}

function byText(token: TokenLogprob): Record<string, number> {
  const entries = [...token.top, token].map(({ text, logprob }) => [text, finiteLogprob(logprob)] as const);
  return Object.fromEntries(entries);
}
