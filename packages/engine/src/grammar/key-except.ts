import { charClass, literal } from "./gbnf-text.ts";
import type { GrammarRules } from "./grammar-rules.ts";

interface TrieNode {
  readonly children: Map<string, TrieNode>;
  terminal: boolean;
}

/** A rule for JSON keys, quotes included and written without escapes, other than the names given. */
export function keyExcept(rules: GrammarRules, names: readonly string[]): string {
  const any = rules.shared("key-char", () => '[^"\\\\\\x00-\\x1f\\x7f]');
  const root: TrieNode = { children: new Map(), terminal: false };
  for (const name of names) insert(root, name);
  return rules.add("other-key", `"\\"" (${node(rules, root, any)}) "\\""`);
}

function insert(root: TrieNode, name: string): void {
  let at = root;
  for (const char of name) {
    const next = at.children.get(char) ?? { children: new Map(), terminal: false };
    at.children.set(char, next);
    at = next;
  }
  at.terminal = true;
}

/** What may follow the characters read so far: leave the trie, or go on inside and end where no name ends. */
function node(rules: GrammarRules, { children, terminal }: TrieNode, any: string): string {
  const options = [...children].map(
    ([char, child]) =>
      `${literal(char)} ${child.children.size === 0 ? `${any}+` : rules.add("other-key-part", node(rules, child, any))}`,
  );
  const taken = [...children.keys()]
    .filter((char) => char !== '"' && char !== "\\")
    .map((char) => [char.codePointAt(0)!, char.codePointAt(0)!] as const);
  const outside = charClass([[0, 0x1f], [0x22, 0x22], [0x5c, 0x5c], [0x7f, 0x7f], ...taken], true);
  return [...options, `${outside} ${any}*`, ...(terminal ? [] : ['""'])].join(" | ");
}
