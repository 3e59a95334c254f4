import type { TokenizeRequest, TokenizeResult } from "@arriero/spec";
import { Fields } from "../fields.ts";
import type { PrefillToken } from "./answer-context.ts";

export interface PlacedToken {
  readonly id: number;
  /** The piece of the text between `start` and `stop`, which count Unicode code points; "" for a token added to it. */
  readonly text: string;
  readonly start: number;
  readonly stop: number;
}

export interface ParsedTokenize {
  readonly text: string;
  readonly request: TokenizeRequest;
}

/** POST /tokenize. */
export function parseTokenize(body: unknown): ParsedTokenize {
  const fields = Fields.body(body);
  const text = fields.requiredString("inputs");
  const special = fields.boolean("add_special_tokens") ?? true;
  return { text, request: { ...(special ? { input: { kind: "text", text } } : { text }), wantTexts: true } };
}

/**
 * Where each token stands in the text. A token whose text is not what comes next was added by the tokenizer, and stands
 * where it was added, with no length; a blank that some tokenizers put before the first word is left out.
 */
export function formatTokenize(text: string, { texts = [], tokens }: TokenizeResult): PlacedToken[] {
  let at = 0;
  let start = 0;
  return tokens.map((id, i) => {
    const whole = texts[i] ?? "";
    const piece = [whole, at === 0 ? whole.replace(/^ /, "") : whole].find((each) => text.startsWith(each, at)) ?? "";
    const stop = start + codePoints(piece);
    const placed = { id, text: piece, start, stop };
    at += piece.length;
    start = stop;
    return placed;
  });
}

/** `details.prefill`: the prompt's tokens. */
export function formatPrefill({ texts = [], tokens }: TokenizeResult): PrefillToken[] {
  return tokens.map((id, i) => ({ id, text: texts[i] ?? "", logprob: null }));
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
