/** What a model says for long: prose, a list, a table, code. Its words are told apart by `seed`, so that no two answers are alike. */
const PARAGRAPH =
  "The caravan goes on, load by load, and the lead llama sets the pace for all that walk behind it over the pass. What is carried is weighed on both sides, for a difference of half a kilogram turns into a sore by evening.";
const LIST =
  "1. **Load evenly**, and look again at noon.\n2. Walk in the cool, `four hours` from dawn.\n3. Rest before the pass.";
const TABLE = "| stage | climb | hours |\n|---|---:|---:|\n| Village to spring | 420 m | 3 |\n| Over the pass | 540 m | 4 |";
const CODE = '```python\nllamas, load_kg = 12, 25\nprint(f"{llamas * load_kg} kg")  # what the caravan carries\n```';
const HEAD = "## What to watch";
const BLOCKS = [PARAGRAPH, PARAGRAPH, HEAD, LIST, PARAGRAPH, TABLE, PARAGRAPH, CODE];

/** A piece of the endless text, about a token long. */
const PIECES =
  BLOCKS.join("\n\n")
    .concat("\n\n")
    .match(/\s?\S{1,6}|\s/g) ?? [];

export const pieceAt = (index: number): string => PIECES[index % PIECES.length] ?? "";

/** An answer of an old conversation: the blocks in another order each time. */
export const answerText = (seed: number): string =>
  [`Answer ${seed}.`, ...[0, 3, 5].map((step) => BLOCKS[(seed + step) % BLOCKS.length] ?? "")].join("\n\n");
