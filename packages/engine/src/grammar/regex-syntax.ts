import { ALL, subtract, union } from "./code-point-set.ts";
import type { CodePointRange } from "./gbnf-text.ts";

/** A regular expression without assertions: what a context-free grammar can say. */
export type Regex =
  | { readonly kind: "chars"; readonly ranges: readonly CodePointRange[] }
  | { readonly kind: "sequence"; readonly items: readonly Regex[] }
  | { readonly kind: "choice"; readonly options: readonly Regex[] }
  | { readonly kind: "repeat"; readonly item: Regex; readonly min: number; readonly max: number | null };

/** One top-level alternative and the ends at which it is anchored. */
export interface AnchoredRegex {
  readonly regex: Regex;
  readonly start: boolean;
  readonly end: boolean;
}

/** The construct that the subset leaves out, in words; thrown by `parseRegex`. */
export class UnsupportedRegex extends Error {}

const MAX_GROUP_DEPTH = 32;
const DIGIT: CodePointRange[] = [[0x30, 0x39]];
const WORD: CodePointRange[] = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
const SPACE: CodePointRange[] = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
const LINE_END: CodePointRange[] = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];
const CLASS_ESCAPES: Readonly<Record<string, readonly CodePointRange[]>> = {
  d: DIGIT,
  D: subtract(ALL, DIGIT),
  w: WORD,
  W: subtract(ALL, WORD),
  s: SPACE,
  S: subtract(ALL, SPACE),
};
const CONTROL_ESCAPES: Readonly<Record<string, number>> = { n: 0x0a, r: 0x0d, t: 0x09, f: 0x0c, v: 0x0b, "0": 0 };

/**
 * Reads the safe subset of ECMA-262 regular expressions (u flag): characters, classes, groups, alternatives,
 * quantifiers, and `^`, `$` at the ends of top-level alternatives. Throws UnsupportedRegex for the rest.
 */
export function parseRegex(source: string): AnchoredRegex[] {
  return new RegexReader(source).read();
}

class RegexReader {
  readonly #chars: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#chars = [...source];
  }

  read(): AnchoredRegex[] {
    const alternatives: AnchoredRegex[] = [];
    do {
      const start = this.#take("^");
      const regex = this.#sequence();
      const end = this.#take("$");
      if (this.#at < this.#chars.length && this.#peek() !== "|")
        throw this.#unsupported(this.#peek() === ")" ? "an unopened )" : "text after $");
      alternatives.push({ regex, start, end });
    } while (this.#take("|"));
    return alternatives;
  }

  #peek(): string | undefined {
    return this.#chars[this.#at];
  }

  #take(char: string): boolean {
    if (this.#peek() !== char) return false;
    this.#at++;
    return true;
  }

  #next(): string {
    const char = this.#chars[this.#at++];
    if (char === undefined) throw this.#unsupported("an unfinished construct");
    return char;
  }

  #unsupported(what: string): UnsupportedRegex {
    return new UnsupportedRegex(`${what} at character ${Math.min(this.#at, this.#chars.length) + 1}`);
  }

  #choice(): Regex {
    const options = [this.#sequence()];
    while (this.#take("|")) options.push(this.#sequence());
    return options.length === 1 ? options[0]! : { kind: "choice", options };
  }

  #sequence(): Regex {
    const items: Regex[] = [];
    for (let char = this.#peek(); char !== undefined && !"|)$".includes(char); char = this.#peek())
      items.push(this.#quantified());
    return items.length === 1 ? items[0]! : { kind: "sequence", items };
  }

  #quantified(): Regex {
    const item = this.#atom();
    const bounds = this.#quantifier();
    if (bounds === null) return item;
    this.#take("?"); // lazy or greedy, the language is the same
    return { kind: "repeat", item, ...bounds };
  }

  #quantifier(): { min: number; max: number | null } | null {
    if (this.#take("*")) return { min: 0, max: null };
    if (this.#take("+")) return { min: 1, max: null };
    if (this.#take("?")) return { min: 0, max: 1 };
    const counted = /^\{(\d{1,5})(?:(,)(\d{0,5}))?\}/.exec(this.#chars.slice(this.#at, this.#at + 16).join(""));
    if (counted === null) return null;
    this.#at += counted[0].length;
    const min = Number(counted[1]);
    const max = counted[2] === undefined ? min : counted[3] === "" ? null : Number(counted[3]);
    if (max !== null && max < min) throw this.#unsupported("a quantifier whose maximum is below its minimum");
    return { min, max };
  }

  #atom(): Regex {
    const char = this.#next();
    switch (char) {
      case "(":
        return this.#group();
      case "[":
        return { kind: "chars", ranges: this.#charClass() };
      case ".":
        return { kind: "chars", ranges: subtract(ALL, LINE_END) };
      case "\\":
        return { kind: "chars", ranges: this.#escape() };
      case "^":
        throw this.#unsupported("^ that is not at the start");
      case "*":
      case "+":
      case "?":
      case "{":
      case "}":
      case "]":
        throw this.#unsupported(`a bare ${char}`);
      default:
        return { kind: "chars", ranges: one(char) };
    }
  }

  #group(): Regex {
    if (this.#take("?")) {
      const named = this.#peek() === "<" && !["=", "!"].includes(this.#chars[this.#at + 1] ?? "");
      if (named) while (this.#next() !== ">");
      else if (!this.#take(":")) throw this.#unsupported("a lookaround or modifier");
    }
    if (++this.#depth > MAX_GROUP_DEPTH) throw this.#unsupported(`more than ${MAX_GROUP_DEPTH} nested groups`);
    const inner = this.#choice();
    this.#depth--;
    if (this.#peek() === "$") throw this.#unsupported("$ inside a group");
    if (!this.#take(")")) throw this.#unsupported("an unclosed group");
    return inner;
  }

  #charClass(): readonly CodePointRange[] {
    const negated = this.#take("^");
    const ranges: CodePointRange[] = [];
    while (!this.#take("]")) {
      const from = this.#classItem();
      const isRange = this.#peek() === "-" && this.#chars[this.#at + 1] !== "]";
      if (!isRange) {
        ranges.push(...from);
        continue;
      }
      this.#at++;
      const to = this.#classItem();
      const [first, last] = [single(from), single(to)];
      if (first === null || last === null || last < first) throw this.#unsupported("a class range without order");
      ranges.push([first, last]);
    }
    return negated ? subtract(ALL, ranges) : union(ranges);
  }

  #classItem(): readonly CodePointRange[] {
    const char = this.#next();
    if (char !== "\\") return one(char);
    return this.#take("b") ? [[0x08, 0x08]] : this.#escape();
  }

  #escape(): readonly CodePointRange[] {
    const char = this.#next();
    const named = CLASS_ESCAPES[char];
    if (named !== undefined) return named;
    const control = CONTROL_ESCAPES[char];
    if (control !== undefined && !(char === "0" && /\d/.test(this.#peek() ?? ""))) return [[control, control]];
    if (char === "x") return this.#hex(2);
    if (char === "u") return this.#take("{") ? this.#bracedHex() : this.#hex(4);
    if (/[A-Za-z0-9]/.test(char)) throw this.#unsupported(`\\${char}`);
    return one(char);
  }

  #hex(digits: number): readonly CodePointRange[] {
    const text = this.#chars.slice(this.#at, this.#at + digits).join("");
    if (!/^[0-9a-fA-F]+$/.test(text) || text.length !== digits) throw this.#unsupported("an unfinished escape");
    this.#at += digits;
    return [[Number.parseInt(text, 16), Number.parseInt(text, 16)]];
  }

  #bracedHex(): readonly CodePointRange[] {
    let text = "";
    for (let char = this.#next(); char !== "}"; char = this.#next()) text += char;
    const codePoint = Number.parseInt(text, 16);
    if (!/^[0-9a-fA-F]{1,6}$/.test(text) || codePoint > 0x10ffff) throw this.#unsupported("an escape beyond U+10FFFF");
    return [[codePoint, codePoint]];
  }
}

function one(char: string): CodePointRange[] {
  const codePoint = char.codePointAt(0)!;
  return [[codePoint, codePoint]];
}

function single(ranges: readonly CodePointRange[]): number | null {
  const [range] = ranges;
  return ranges.length === 1 && range![0] === range![1] ? range![0] : null;
}
