import type { TokenLogprob } from "@arriero/spec";

/** JSON has no -Infinity; OpenAI writes this instead. */
const LEAST_LOGPROB = -9999;

export interface ChatLogprobs {
  readonly content: readonly ChatTokenLogprob[];
  readonly refusal: null;
}

interface ChatTokenLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: readonly number[];
  readonly top_logprobs: readonly { readonly token: string; readonly logprob: number; readonly bytes: readonly number[] }[];
}

export function formatChatLogprobs(tokens: readonly TokenLogprob[]): ChatLogprobs {
  const content = tokens.map(({ top, ...drawn }) => ({ ...entry(drawn), top_logprobs: top.map(entry) }));
  return { content, refusal: null };
}

export function finiteLogprob(logprob: number): number {
  return Math.max(logprob, LEAST_LOGPROB);
}

function entry({ text, logprob, bytes }: { text: string; logprob: number; bytes: readonly number[] }) {
  return { token: text, logprob: finiteLogprob(logprob), bytes };
}
