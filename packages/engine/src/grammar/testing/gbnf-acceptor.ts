/** A second reading of GBNF, as llama.cpp's guide describes it, to ask whether a grammar takes a text. Small inputs only. */
type Node =
  | { readonly kind: "char"; readonly negated: boolean; readonly ranges: readonly (readonly [number, number])[] }
  | { readonly kind: "text"; readonly codePoints: readonly number[] }
  | { readonly kind: "rule"; readonly name: string }
  | { readonly kind: "sequence"; readonly items: readonly Node[] }
  | { readonly kind: "choice"; readonly options: readonly Node[] }
  | { readonly kind: "repeat"; readonly item: Node; readonly min: number; readonly max: number };

export class GbnfAcceptor {
  readonly #rules: ReadonlyMap<string, Node>;

  /** Throws when the grammar does not parse or names a rule that is not there. */
  constructor(grammar: string) {
    this.#rules = new GbnfReader(grammar).read();
  }

  accepts(text: string, rule = "root"): boolean {
    const input = [...text].map((char) => char.codePointAt(0)!);
    return new Match(this.#rules, input).ends({ kind: "rule", name: rule }, 0).has(input.length);
  }
}

/** All positions at which a node may end, from a position: a set, so ambiguity costs nothing. */
class Match {
  readonly #rules: ReadonlyMap<string, Node>;
  readonly #input: readonly number[];
  readonly #known = new Map<string, ReadonlySet<number>>();

  constructor(rules: ReadonlyMap<string, Node>, input: readonly number[]) {
    this.#rules = rules;
    this.#input = input;
  }

  ends(node: Node, at: number): ReadonlySet<number> {
    switch (node.kind) {
      case "char": {
        const code = this.#input[at];
        const inside = code !== undefined && node.ranges.some(([first, last]) => code >= first && code <= last);
        return new Set(code !== undefined && inside !== node.negated ? [at + 1] : []);
      }
      case "text":
        return new Set(
          node.codePoints.every((code, index) => this.#input[at + index] === code) ? [at + node.codePoints.length] : [],
        );
      case "rule":
        return this.#rule(node.name, at);
      case "sequence":
        return node.items.reduce<ReadonlySet<number>>((from, item) => this.#step(item, from), new Set([at]));
      case "choice":
        return new Set(node.options.flatMap((option) => [...this.ends(option, at)]));
      case "repeat":
        return this.#repeat(node, at);
    }
  }

  #step(node: Node, from: ReadonlySet<number>): ReadonlySet<number> {
    return new Set([...from].flatMap((at) => [...this.ends(node, at)]));
  }

  #repeat(node: Extract<Node, { kind: "repeat" }>, at: number): ReadonlySet<number> {
    const all = new Set<number>(node.min === 0 ? [at] : []);
    let from: ReadonlySet<number> = new Set([at]);
    for (let times = 1; times <= node.max && from.size > 0; times++) {
      const next = this.#step(node.item, from);
      from = times <= node.min ? next : new Set([...next].filter((end) => !all.has(end)));
      if (times >= node.min) for (const end of from) all.add(end);
    }
    return all;
  }

  #rule(name: string, at: number): ReadonlySet<number> {
    const key = `${name}@${at}`;
    const known = this.#known.get(key);
    if (known === LOOP) throw new Error(`left recursion in ${name}`);
    if (known !== undefined) return known;
    this.#known.set(key, LOOP);
    const ends = this.ends(this.#rules.get(name)!, at);
    this.#known.set(key, ends);
    return ends;
  }
}

const LOOP: ReadonlySet<number> = new Set([-1]);
const ESCAPES: Readonly<Record<string, string>> = { t: "\t", r: "\r", n: "\n" };

class GbnfReader {
  readonly #source: string;
  readonly #used = new Set<string>();
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  read(): ReadonlyMap<string, Node> {
    const rules = new Map<string, Node>();
    for (this.#space(true); this.#at < this.#source.length; this.#space(true)) {
      const name = this.#match(/[a-zA-Z0-9-]+/y);
      this.#space(false);
      this.#match(/::=/y);
      this.#space(true);
      if (rules.has(name)) throw new Error(`rule ${name} is defined twice`);
      rules.set(name, this.#choice(false));
      if (this.#at < this.#source.length) this.#match(/\r?\n/y);
    }
    for (const name of [...this.#used, "root"]) if (!rules.has(name)) throw new Error(`rule ${name} is not defined`);
    return rules;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source);
    if (found === null) throw new Error(`expected ${pattern} at ${JSON.stringify(this.#source.slice(this.#at, this.#at + 40))}`);
    this.#at += found[0].length;
    return found[0];
  }

  #space(lines: boolean): void {
    this.#match(lines ? /(?:[ \t\r\n]|#[^\r\n]*)*/y : /(?:[ \t]|#[^\r\n]*)*/y);
  }

  #choice(nested: boolean): Node {
    const options = [this.#sequence(nested)];
    while (this.#source[this.#at] === "|") {
      this.#at++;
      this.#space(true);
      options.push(this.#sequence(nested));
    }
    return options.length === 1 ? options[0]! : { kind: "choice", options };
  }

  #sequence(nested: boolean): Node {
    const items: Node[] = [];
    for (;;) {
      const char = this.#source[this.#at];
      if (char === undefined || !/["[(.a-zA-Z0-9-]/.test(char)) break;
      const atom = this.#atom(char);
      this.#space(nested);
      items.push(this.#repetition(atom));
      this.#space(nested);
    }
    return { kind: "sequence", items };
  }

  #atom(char: string): Node {
    if (char === '"') return this.#text();
    if (char === "[") return this.#class();
    if (char === "(") {
      this.#at++;
      this.#space(true);
      const inner = this.#choice(true);
      this.#match(/\)/y);
      return inner;
    }
    if (char === ".") {
      this.#at++;
      return { kind: "char", negated: true, ranges: [] };
    }
    const name = this.#match(/[a-zA-Z0-9-]+/y);
    this.#used.add(name);
    return { kind: "rule", name };
  }

  #repetition(item: Node): Node {
    const char = this.#source[this.#at];
    const simple = { "*": [0, Infinity], "+": [1, Infinity], "?": [0, 1] }[char ?? ""];
    if (simple !== undefined) {
      this.#at++;
      return { kind: "repeat", item, min: simple[0]!, max: simple[1]! };
    }
    if (char !== "{") return item;
    const [, min, comma, max] = /\{(\d+)(,)?(\d+)?\}/.exec(this.#match(/\{\d+(?:,\d*)?\}/y))!;
    const bounds = { min: Number(min), max: comma === undefined ? Number(min) : max === undefined ? Infinity : Number(max) };
    if (bounds.min > 2000 || (bounds.max > 2000 && bounds.max !== Infinity))
      throw new Error("llama.cpp unrolls at most 2000 copies");
    return { kind: "repeat", item, ...bounds };
  }

  #text(): Node {
    const codePoints: number[] = [];
    this.#at++;
    while (this.#source[this.#at] !== '"') codePoints.push(this.#char());
    this.#at++;
    return { kind: "text", codePoints };
  }

  #class(): Node {
    const ranges: [number, number][] = [];
    this.#at++;
    const negated = this.#source[this.#at] === "^";
    if (negated) this.#at++;
    while (this.#source[this.#at] !== "]") {
      const first = this.#char();
      const isRange = this.#source[this.#at] === "-" && this.#source[this.#at + 1] !== "]";
      if (isRange) this.#at++;
      ranges.push([first, isRange ? this.#char() : first]);
    }
    this.#at++;
    return { kind: "char", negated, ranges };
  }

  #char(): number {
    const char = this.#match(/\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\[tnr\\"[\]-]|[^\\]/suy);
    if (char.length > 2 && char.startsWith("\\")) return Number.parseInt(char.slice(2), 16);
    return (char.startsWith("\\") ? (ESCAPES[char[1]!] ?? char[1]!) : char).codePointAt(0)!;
  }
}
