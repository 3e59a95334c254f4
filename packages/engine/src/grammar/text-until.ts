import { charClass } from "./gbnf-text.ts";
import type { GrammarRules } from "./grammar-rules.ts";

/**
 * A rule for any text up to and with the first occurrence of `marker`: the marker's Knuth-Morris-Pratt automaton, one
 * rule a state, each calling the next last so that the parser's stack does not grow with the text.
 */
export function textUntil(rules: GrammarRules, hint: string, marker: string): string {
  const pattern = [...marker];
  const alphabet = [...new Set(pattern)];
  const states = pattern.map((_, state) => rules.reserve(`${hint}-${state}`));
  const done = rules.add(`${hint}-end`, '""');
  const target = (state: number) => states[state] ?? done;
  pattern.forEach((_, state) => {
    const moves = new Map<number, string[]>();
    for (const char of alphabet) {
      const next = advance(pattern, state, char);
      if (next > 0) moves.set(next, [...(moves.get(next) ?? []), char]);
    }
    const explicit = [...moves.values()].flat();
    const forward = [...moves].map(([next, chars]) => `${classOf(chars)} ${target(next)}`);
    rules.define(states[state]!, [...forward, `${classOf(explicit, true)} ${states[0]}`].join(" | "));
  });
  return states[0]!;
}

function classOf(chars: readonly string[], negated = false): string {
  return charClass(
    chars.map((char) => [char.codePointAt(0)!, char.codePointAt(0)!] as const),
    negated,
  );
}

/** Length of the longest beginning of the pattern that ends the text seen: `state` characters of it, then `char`. */
function advance(pattern: readonly string[], state: number, char: string): number {
  const seen = [...pattern.slice(0, state), char];
  for (let length = Math.min(seen.length, pattern.length); length > 0; length--) {
    if (pattern.slice(0, length).every((unit, at) => unit === seen[seen.length - length + at])) return length;
  }
  return 0;
}
