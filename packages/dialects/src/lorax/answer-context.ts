import type { GeneratePresentation } from "./parse.ts";

/** A token of the prompt. Its probability is not computed. */
export interface PrefillToken {
  readonly id: number;
  readonly text: string;
  readonly logprob: null;
}

/** What an answer shows besides the events: settled only after parsing. */
export interface AnswerContext extends GeneratePresentation {
  /** The seed drawn with; null for greedy answers. */
  readonly seed: number | null;
  readonly maxTokens: number | null;
  /** Empty unless `decoder_input_details` asked for them. */
  readonly prefillTokens: readonly PrefillToken[];
}
