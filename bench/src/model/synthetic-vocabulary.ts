/**
 * A byte-level BPE vocabulary of made-up words. Every word that starts with a space is one token and comes back as that token
 * when its text is tokenised again, whatever stands before it: so a prompt of n words has n tokens, and an answer fed back in the
 * next turn is the same token sequence the server already holds.
 */
export interface Vocabulary {
  readonly tokens: readonly string[];
  /** llama.cpp's token types: 1 normal, 3 control. */
  readonly types: readonly number[];
  readonly merges: readonly string[];
  /** Ids of the words that start with a space; the model may only emit these. */
  readonly firstWord: number;
  readonly bos: number;
  readonly eos: number;
}

const CONSONANTS = [..."bcdfghjklmnpqrstvwyz"];
const VOWELS = [..."aeiou"];
const SYLLABLES = CONSONANTS.flatMap((consonant) => VOWELS.map((vowel) => consonant + vowel));
const SPACE = "Ġ";
const CONTROL = ["<|begin|>", "<|im_start|>", "<|im_end|>"];

/** GPT-2's printable stand-ins for the 256 bytes. */
function byteTokens(): string[] {
  const printable = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : next++));
}

/** Two-syllable words, `index` from 0 to 9,999: all of them stand in every vocabulary of at least 20,459 tokens. */
export function word(index: number): string {
  return SYLLABLES[Math.floor(index / SYLLABLES.length)]! + SYLLABLES[index % SYLLABLES.length]!;
}

export const WORD_COUNT = SYLLABLES.length ** 2;

export function syntheticVocabulary(size: number): Vocabulary {
  const merged: [string, string][] = [
    ...SYLLABLES.map((syllable): [string, string] => [syllable[0]!, syllable[1]!]),
    ...SYLLABLES.map((syllable): [string, string] => [SPACE, syllable]),
    // Bare pairs come after spaced ones in rank, but before them in id: ids need not follow rank.
    ...SYLLABLES.flatMap((first) => SYLLABLES.map((second): [string, string] => [SPACE + first, second])),
  ];
  const bare = SYLLABLES.flatMap((first) => SYLLABLES.map((second): [string, string] => [first, second]));
  const spaced = merged.slice(2 * SYLLABLES.length);
  const room = size - CONTROL.length - 256 - merged.length - bare.length;
  if (room < 0) throw new RangeError(`a synthetic vocabulary has at least ${size - room} tokens, ${size} asked`);
  const long = Array.from({ length: room }, (_, index): [string, string] => {
    const [first, second] = spaced[index % spaced.length]!;
    const shift = Math.floor(index / spaced.length);
    return [first + second, SYLLABLES[(index + shift) % SYLLABLES.length]!];
  });
  const join = (pairs: readonly [string, string][]) => pairs.map(([left, right]) => left + right);
  const tokens = [
    ...CONTROL,
    ...byteTokens(),
    ...join(merged.slice(0, 2 * SYLLABLES.length)),
    ...join(bare),
    ...join(spaced),
    ...join(long),
  ];
  return {
    tokens,
    types: tokens.map((_, id) => (id < CONTROL.length ? 3 : 1)),
    merges: [...merged, ...long, ...bare].map(([left, right]) => `${left} ${right}`),
    firstWord: size - spaced.length - long.length,
    bos: 0,
    eos: 2,
  };
}
