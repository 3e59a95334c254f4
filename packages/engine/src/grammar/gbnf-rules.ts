import { ArrieroError } from "@arriero/spec";

/** A terminal (a character or a class of them) or the name of a rule. */
export type GbnfSymbol = { readonly kind: "terminal" } | { readonly kind: "rule"; readonly name: string };
/** Rule name -> its alternatives, each a sequence of symbols. Groups and repetitions are rules of their own. */
export type GbnfRules = ReadonlyMap<string, readonly (readonly GbnfSymbol[])[]>;

/** Deepest nesting of groups: the parser recurses once per level. */
const MAX_NESTING = 512;
/** A counted repetition is unrolled by libllama's parser, which takes a larger maximum as none. */
const MAX_REPETITION = 2000;
/** Symbols of all rules together, repetitions unrolled. */
const MAX_SYMBOLS = 400_000;

const TERMINAL: GbnfSymbol = { kind: "terminal" };
const NAME = /[a-zA-Z0-9-]+/y;
const SPACE = /(?:[ \t]+|#[^\r\n]*)*/y;
const SPACE_AND_LINES = /(?:[ \t\r\n]+|#[^\r\n]*)*/y;
const CHARACTER = /\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\[tnr\\"[\]-]|[^\\]/suy;

/** Reads GBNF into the rules libllama makes of it. Throws invalid_grammar with the line at fault. */
export function readGbnf(source: string): GbnfRules {
  return new GbnfReader(source).read();
}

class GbnfReader {
  readonly #source: string;
  readonly #rules = new Map<string, (readonly GbnfSymbol[])[]>();
  #at = 0;
  #symbols = 0;
  #made = 0;

  constructor(source: string) {
    this.#source = source;
  }

  read(): GbnfRules {
    // libllama reads up to the first NUL only.
    if (this.#source.includes("\0")) throw this.#fault("holds a NUL character");
    for (this.#space(true); this.#at < this.#source.length; this.#space(true)) {
      const name = this.#match(NAME, "a rule's name");
      this.#space(false);
      this.#match(/::=/y, "::=");
      this.#space(true);
      if (this.#rules.has(name)) throw this.#fault(`defines the rule ${name} twice`);
      this.#rules.set(name, []);
      this.#rules.set(name, this.#alternatives(0));
      if (this.#at < this.#source.length) this.#match(/\r\n|\n|\r/y, "the end of the line");
    }
    for (const alternatives of this.#rules.values())
      for (const symbol of alternatives.flat())
        if (symbol.kind === "rule" && !this.#rules.has(symbol.name))
          throw new ArrieroError("invalid_grammar", `the grammar uses the rule ${symbol.name}, which it does not define`);
    return this.#rules;
  }

  #alternatives(depth: number): GbnfSymbol[][] {
    if (depth > MAX_NESTING) throw this.#fault(`nests deeper than ${MAX_NESTING} levels`);
    const alternatives = [this.#sequence(depth)];
    while (this.#source[this.#at] === "|") {
      this.#at++;
      this.#space(true);
      alternatives.push(this.#sequence(depth));
    }
    return alternatives;
  }

  #sequence(depth: number): GbnfSymbol[] {
    const symbols: GbnfSymbol[] = [];
    let item: GbnfSymbol[] = [];
    for (;;) {
      const char = this.#source[this.#at];
      if (char === undefined || "|)\r\n".includes(char)) return symbols;
      if ("*+?{".includes(char)) {
        if (item.length === 0) throw this.#fault("repeats nothing");
        symbols.length -= item.length;
        item = this.#repeated(item, this.#bounds(char, depth > 0));
      } else item = this.#item(char, depth);
      this.#count(item.length);
      for (const symbol of item) symbols.push(symbol);
      this.#space(depth > 0);
    }
  }

  #item(char: string, depth: number): GbnfSymbol[] {
    if (char === '"') return this.#literal();
    if (char === "[") return this.#class();
    if (char === "(") {
      this.#at++;
      this.#space(true);
      const group = this.#made++;
      const name = this.#define(group, this.#alternatives(depth + 1));
      this.#match(/\)/y, ")");
      return [{ kind: "rule", name }];
    }
    if (char === ".") {
      this.#at++;
      return [TERMINAL];
    }
    // A rule for a token by its id can be entered in the middle of another token, which libllama does not survive.
    if (char === "<" || char === "!") throw this.#fault("names a token; only characters are supported");
    return [{ kind: "rule", name: this.#match(NAME, "an item of a rule") }];
  }

  #literal(): GbnfSymbol[] {
    const symbols: GbnfSymbol[] = [];
    for (this.#at++; this.#source[this.#at] !== '"'; symbols.push(TERMINAL)) this.#match(CHARACTER, "a character or a quote");
    this.#at++;
    return symbols;
  }

  #class(): GbnfSymbol[] {
    this.#at++;
    if (this.#source[this.#at] === "^") this.#at++;
    let empty = true;
    for (; this.#source[this.#at] !== "]"; empty = false) {
      this.#match(CHARACTER, "a character or ]");
      if (this.#source[this.#at] !== "-" || this.#source[this.#at + 1] === "]") continue;
      this.#at++;
      this.#match(CHARACTER, "the end of a range");
    }
    this.#at++;
    if (empty) throw this.#fault("has an empty character class");
    return [TERMINAL];
  }

  #bounds(char: string, lines: boolean): { min: number; max: number } {
    if (char !== "{") {
      this.#at++;
      return { min: char === "+" ? 1 : 0, max: char === "?" ? 1 : Number.POSITIVE_INFINITY };
    }
    this.#at++;
    this.#space(lines);
    const min = Number(this.#match(/\d+/y, "a number of repetitions"));
    this.#space(lines);
    let max = min;
    if (this.#source[this.#at] === ",") {
      this.#at++;
      this.#space(lines);
      const most = this.#match(/\d*/y, "a number of repetitions");
      max = most === "" ? Number.POSITIVE_INFINITY : Number(most);
      this.#space(lines);
    }
    this.#match(/\}/y, "}");
    // libllama computes max - min without a sign.
    if (max < min) throw this.#fault(`repeats at least ${min} and at most ${max} times`);
    const most = max === Number.POSITIVE_INFINITY ? min : max;
    if (most > MAX_REPETITION) throw this.#fault(`repeats ${most} times; ${MAX_REPETITION} is the limit`);
    return { min, max };
  }

  /** item{min,max} as libllama unrolls it: `min` copies, then optional ones, each a rule that ends in the next. */
  #repeated(item: readonly GbnfSymbol[], { min, max }: { min: number; max: number }): GbnfSymbol[] {
    const optional = max === Number.POSITIVE_INFINITY ? 1 : max - min;
    this.#count(item.length * (min + optional));
    const unrolled = Array.from({ length: min }, () => item).flat();
    if (optional === 0) return unrolled;
    let next: GbnfSymbol[] = [];
    for (let i = 0; i < optional; i++) {
      const id = this.#made++;
      const name = nameOf(id);
      const rest: GbnfSymbol[] = max === Number.POSITIVE_INFINITY ? [{ kind: "rule", name }] : next;
      next = [{ kind: "rule", name: this.#define(id, [[...item, ...rest], []]) }];
    }
    return [...unrolled, ...next];
  }

  #define(id: number, alternatives: (readonly GbnfSymbol[])[]): string {
    const name = nameOf(id);
    this.#rules.set(name, alternatives);
    return name;
  }

  #count(symbols: number): void {
    this.#symbols += symbols;
    if (this.#symbols > MAX_SYMBOLS) throw this.#fault(`unrolls to more than ${MAX_SYMBOLS} symbols`);
  }

  #space(lines: boolean): void {
    this.#match(lines ? SPACE_AND_LINES : SPACE, "space");
  }

  #match(pattern: RegExp, what: string): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source);
    if (found === null) {
      const rest = this.#source.slice(this.#at, this.#at + 24);
      throw this.#fault(`has ${rest === "" ? "its end" : JSON.stringify(rest)} where ${what} is due`);
    }
    this.#at += found[0].length;
    return found[0];
  }

  #fault(what: string): ArrieroError {
    const line = this.#source.slice(0, this.#at).split("\n").length;
    return new ArrieroError("invalid_grammar", `the grammar ${what} (line ${line})`, { param: "grammar" });
  }
}

/** No name a grammar can write. */
function nameOf(id: number): string {
  return `#${id}`;
}
