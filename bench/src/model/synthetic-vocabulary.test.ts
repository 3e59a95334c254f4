import { expect, test } from "vitest";
import { promptText } from "./prompt-text.ts";
import { syntheticVocabulary } from "./synthetic-vocabulary.ts";

const vocabulary = syntheticVocabulary(32_000);
const ranks = new Map(vocabulary.merges.map((merge, rank) => [merge, rank]));

/** Byte-pair encoding of one word of plain ASCII, by rank. */
function encode(piece: string): string[] {
  let parts = [...piece.replace(" ", "Ġ")];
  for (;;) {
    const pairs = parts.slice(1).map((right, index) => ({ index, rank: ranks.get(`${parts[index]} ${right}`) ?? Infinity }));
    const best = pairs.reduce((least, pair) => (pair.rank < least.rank ? pair : least), { index: -1, rank: Infinity });
    if (best.rank === Infinity) return parts;
    parts = [...parts.slice(0, best.index), parts[best.index]! + parts[best.index + 1]!, ...parts.slice(best.index + 2)];
  }
}

test("as many tokens as asked, none twice, and every merge makes one of them", () => {
  const known = new Set(vocabulary.tokens);
  expect(vocabulary.tokens).toHaveLength(32_000);
  expect(known.size).toBe(32_000);
  expect(vocabulary.merges.every((merge) => known.has(merge.replace(" ", "")))).toBe(true);
});

test("every token that the model may emit is one token again when its text is read", () => {
  const emitted = vocabulary.tokens.slice(vocabulary.firstWord);
  expect(emitted.every((token) => token.startsWith("Ġ"))).toBe(true);
  for (let index = 0; index < emitted.length; index += 97) expect(encode(emitted[index]!)).toEqual([emitted[index]]);
});

test("a prompt of n words is n tokens, and another seed shares next to none of them", () => {
  const words = promptText(200, 1).match(/ \w+/g) ?? [];
  expect(words).toHaveLength(200);
  expect(words.flatMap(encode)).toHaveLength(200);
  const others = promptText(200, 2).match(/ \w+/g) ?? [];
  expect(words.filter((word, index) => word === others[index]).length).toBeLessThan(5);
});

test("a vocabulary too small for its words is refused with the least size", () => {
  expect(() => syntheticVocabulary(1_000)).toThrow("at least 20459");
});
