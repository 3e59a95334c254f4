import { z } from "zod";
import { GenerationInput } from "./generation-request.ts";

/**
 * What is to become tokens: an input, exactly as a generation would build its prompt from it (template, tools, BOS), or
 * a bare text, to which nothing is added.
 */
export const TokenizeRequest = z
  .object({
    /** Checked against the replica's own where it is named. */
    model: z.string().min(1).max(256).optional(),
    input: GenerationInput.optional(),
    text: z.string().optional(),
    /** Answer with each token's text too. */
    wantTexts: z.boolean().default(false),
  })
  .refine(({ input, text }) => (input === undefined) !== (text === undefined), "wants either input or text");
export type TokenizeRequest = z.infer<typeof TokenizeRequest>;

export interface TokenizeResult {
  readonly tokens: readonly number[];
  /**
   * The text each token completes, control tokens spelled out: "" for a token that ends inside a character, whose text
   * comes with the token that completes it.
   */
  readonly texts?: readonly string[];
}
