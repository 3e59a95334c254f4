import { ArrieroError } from "@arriero/spec";
import type { GbnfRules } from "../grammar/gbnf-rules.ts";
import { readGbnf } from "../grammar/gbnf-rules.ts";

/** Rules that begin with one another: libllama's check recurses once for each. */
const MAX_DEPTH = 4096;
/** Ways through the rules from a start to a first symbol: libllama's check walks all of them. */
const MAX_WALKS = 20_000_000;
/** Places in the grammar that a text may be at: libllama keeps a list of them and compares each with each. */
const MAX_PLACES = 4096;

/** What it costs to enter a rule. */
interface Cost {
  readonly depth: number;
  readonly walks: number;
  readonly places: number;
}

/**
 * Refuses a grammar that libllama would not survive: its parser and its sampler have no bounds of their own against
 * left recursion through rules that may be empty, and against rules with very many beginnings.
 */
export function assertGrammarBounds(gbnf: string): void {
  const rules = readGbnf(gbnf);
  if (!rules.has("root")) throw refusal("has no rule named root");
  const empty = emptyRules(rules);
  const beginnings = new Map([...rules.keys()].map((name) => [name, beginningsOf(rules, name, empty)]));
  let walks = 0;
  for (const [name, cost] of costs(beginnings)) {
    walks += cost.walks;
    if (cost.depth > MAX_DEPTH) throw refusal(`has more than ${MAX_DEPTH} rules that begin with one another`);
    if (walks > MAX_WALKS || cost.places > MAX_PLACES)
      throw refusal(`has too many ways to begin ${name.startsWith("#") ? "a group" : name}; ${MAX_PLACES} is the limit`);
  }
}

/** Rules that the empty text satisfies. */
function emptyRules(rules: GbnfRules): ReadonlySet<string> {
  const users = new Map<string, string[]>();
  for (const [name, alternatives] of rules)
    for (const symbol of new Set(alternatives.flat().map((symbol) => (symbol.kind === "rule" ? symbol.name : null))))
      if (symbol !== null) add(users, symbol, name);
  const empty = new Set<string>();
  const isEmpty = (name: string) =>
    (rules.get(name) ?? []).some((alternative) =>
      alternative.every((symbol) => symbol.kind === "rule" && empty.has(symbol.name)),
    );
  const pending = [...rules.keys()];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (empty.has(name) || !isEmpty(name)) continue;
    empty.add(name);
    for (const user of users.get(name) ?? []) pending.push(user);
  }
  return empty;
}

interface Beginnings {
  /** Rules that this one may begin with, one entry for each place. */
  readonly rules: readonly string[];
  readonly terminals: number;
}

/**
 * What a rule may begin with, rules that may be empty skipped. That a rule ends in itself, as repetitions do, is no
 * recursion that grows: libllama keeps nothing of the place it came from.
 */
function beginningsOf(rules: GbnfRules, name: string, empty: ReadonlySet<string>): Beginnings {
  const begins: string[] = [];
  let terminals = 0;
  for (const alternative of rules.get(name) ?? []) {
    for (const [i, symbol] of alternative.entries()) {
      if (symbol.kind === "terminal") {
        terminals++;
        break;
      }
      const isTail = i > 0 && i === alternative.length - 1;
      if (!(isTail && symbol.name === name)) begins.push(symbol.name);
      if (!empty.has(symbol.name)) break;
    }
  }
  return { rules: begins, terminals };
}

/** Each rule's cost, those it begins with first. Throws where that order does not exist: left recursion. */
function* costs(beginnings: ReadonlyMap<string, Beginnings>): Generator<[string, Cost]> {
  const users = new Map<string, string[]>();
  const open = new Map<string, number>();
  const known = new Map<string, Cost>();
  for (const [name, { rules }] of beginnings) {
    const distinct = new Set(rules);
    open.set(name, distinct.size);
    for (const rule of distinct) add(users, rule, name);
  }
  const ready = [...open].filter(([, count]) => count === 0).map(([name]) => name);
  for (let name = ready.pop(); name !== undefined; name = ready.pop()) {
    const { rules, terminals } = beginnings.get(name) as Beginnings;
    const parts = rules.map((rule) => known.get(rule) as Cost);
    const cost = {
      depth: parts.reduce((most, part) => Math.max(most, part.depth), 0) + 1,
      walks: parts.reduce((sum, part) => sum + part.walks, 1),
      places: parts.reduce((sum, part) => sum + part.places, terminals),
    };
    known.set(name, cost);
    yield [name, cost];
    for (const user of users.get(name) ?? []) {
      const left = (open.get(user) as number) - 1;
      open.set(user, left);
      if (left === 0) ready.push(user);
    }
  }
  const stuck = [...open].find(([name, count]) => count > 0 && !name.startsWith("#"));
  if (known.size < beginnings.size) throw refusal(`is left recursive${stuck === undefined ? "" : ` (rule ${stuck[0]})`}`);
}

function add(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

function refusal(what: string): ArrieroError {
  return new ArrieroError("invalid_grammar", `the grammar ${what}`, { param: "grammar" });
}
