import { Utf8Stream } from "../text/utf8-stream.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** The text each token completes, as TokenizeResult wants it; joined they are the text of all. */
export function tokenTexts(tokens: readonly number[], tokenizer: Pick<Tokenizer, "isControl" | "piece" | "spell">): string[] {
  const stream = new Utf8Stream();
  const texts = tokens.map((token) =>
    tokenizer.isControl(token) ? stream.flush() + tokenizer.spell(token) : stream.feed(tokenizer.piece(token)),
  );
  const rest = stream.flush();
  if (rest !== "") texts[texts.length - 1] += rest;
  return texts;
}
