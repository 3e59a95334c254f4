import { ArrieroError, type TokenLogprob } from "@arriero/spec";
import type { Fields } from "../fields.ts";

const MAX_TOP = 20;

export interface OllamaLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: readonly number[];
  readonly top_logprobs?: readonly Omit<OllamaLogprob, "top_logprobs">[];
}

/** Alternatives a token; null: no log probabilities. */
export function parseLogprobs(fields: Fields): number | null {
  const wanted = fields.boolean("logprobs") ?? false;
  const top = fields.integer("top_logprobs", { min: 0, max: MAX_TOP }) ?? 0;
  if (wanted) return top;
  if (top === 0) return null;
  throw new ArrieroError("invalid_request", `top_logprobs is ${top}, but logprobs is not true.`, { param: "logprobs" });
}

export function formatLogprobs(tokens: readonly TokenLogprob[]): OllamaLogprob[] {
  const entry = ({ text, logprob, bytes }: Omit<TokenLogprob, "top">) => ({ token: text, logprob, bytes });
  return tokens.map((token) => ({ ...entry(token), ...(token.top.length === 0 ? {} : { top_logprobs: token.top.map(entry) }) }));
}
