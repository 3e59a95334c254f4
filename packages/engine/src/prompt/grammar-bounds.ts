import { ArrieroError } from "@arriero/spec";

/** Deeper nesting than any real grammar has; libllama's parser recurses once per level. */
const MAX_NESTING = 64;
/** A counted repetition is unrolled by the parser. */
const MAX_REPETITION = 2000;

/** Refuses grammars that would exhaust libllama's parser, before it sees them. Strings and classes are skipped. */
export function assertGrammarBounds(gbnf: string): void {
  const bare = gbnf.replace(/"(?:\\.|[^"\\\n])*"|\[(?:\\.|[^\]\\\n])*\]|#[^\n]*/g, " ");
  let depth = 0;
  for (const char of bare) {
    if (char === "(") depth++;
    if (char === ")") depth--;
    if (depth > MAX_NESTING)
      throw new ArrieroError("invalid_grammar", `the grammar nests deeper than ${MAX_NESTING} levels`, { param: "grammar" });
  }
  for (const [, low, high] of bare.matchAll(/\{(\d+)?(?:,(\d+)?)?\}/g)) {
    const most = Math.max(Number(low ?? 0), Number(high ?? 0));
    if (most > MAX_REPETITION)
      throw new ArrieroError("invalid_grammar", `the grammar repeats ${most} times; ${MAX_REPETITION} is the limit`, {
        param: "grammar",
      });
  }
}
