import { WORD_COUNT, word } from "./synthetic-vocabulary.ts";

/**
 * `count` words of the bench vocabulary, each with a leading space: exactly `count` tokens. Another `seed` gives other words,
 * so nothing that a server cached for one text serves another.
 */
export function promptText(count: number, seed: number): string {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  let text = "";
  for (let index = 0; index < count; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += ` ${word(Math.floor((state / 2 ** 32) * WORD_COUNT))}`;
  }
  return text;
}
