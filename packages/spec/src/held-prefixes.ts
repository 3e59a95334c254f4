import { z } from "zod";

/**
 * A beginning of a prompt under an opaque name, with its part of the whole prompt's length: two prompts that begin alike
 * have the same names for it. Nobody can read the text from it.
 */
export const PrefixMark = z.object({ key: z.string().min(1).max(64), share: z.number().min(0).max(1) });
export type PrefixMark = z.infer<typeof PrefixMark>;

/** What one replica need not compute again, at one moment: which of the marks that it was sent, and how many tokens each is. */
export interface HeldPrefixes {
  readonly prefixes: readonly { readonly key: string; readonly tokens: number }[];
  /** Adapters that are loaded. */
  readonly adapters: readonly string[];
}
