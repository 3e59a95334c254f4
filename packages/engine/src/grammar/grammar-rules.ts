import { ArrieroError } from "@arriero/spec";

/** Rules one grammar may have; llama.cpp walks all of them when a grammar is cloned. */
export const MAX_RULES = 10_000;
/** Characters of GBNF text one grammar may have. */
export const MAX_GRAMMAR_CHARS = 1_048_576;

/**
 * The rules of a GBNF grammar in the making. Names are letters, digits and dashes, as llama.cpp wants them;
 * a rule that is referred to must be defined before `text()` is asked for.
 */
export class GrammarRules {
  readonly #bodies = new Map<string, string | null>();
  readonly #shared = new Map<string, string>();
  /** Name -> the number its next namesake gets. */
  readonly #suffixes = new Map<string, number>();
  #chars = 0;

  /** Adds a rule under a free name near the hint. */
  add(hint: string, body: string): string {
    const name = this.reserve(hint);
    this.define(name, body);
    return name;
  }

  /** Takes a name now, for a rule that refers to itself. */
  reserve(hint: string): string {
    const base =
      hint
        .replace(/[^A-Za-z0-9]+/g, "-")
        .replace(/^-+|-+$/g, "")
        .slice(0, 40) || "rule";
    let name = base;
    while (this.#bodies.has(name) || name === "root") {
      const suffix = this.#suffixes.get(base) ?? 2;
      this.#suffixes.set(base, suffix + 1);
      name = `${base}-${suffix}`;
    }
    if (this.#bodies.size >= MAX_RULES) throw tooLarge(`more than ${MAX_RULES} rules`);
    this.#bodies.set(name, null);
    return name;
  }

  define(name: string, body: string): void {
    this.#chars += name.length + body.length + 6;
    if (this.#chars > MAX_GRAMMAR_CHARS) throw tooLarge(`more than ${MAX_GRAMMAR_CHARS} characters of grammar`);
    this.#bodies.set(name, body);
  }

  /** A rule every part of the grammar may use, by a key of its own: a schema's names cannot take it. The first caller defines it. */
  shared(key: string, body: () => string): string {
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const name = this.reserve(key);
    this.#shared.set(key, name);
    this.define(name, body());
    return name;
  }

  /** The grammar's text, `root` first. */
  text(root: string): string {
    const lines = [`root ::= ${root}`];
    for (const [name, body] of this.#bodies) {
      if (body === null) throw new Error(`grammar rule ${name} was reserved and never defined`);
      lines.push(`${name} ::= ${body}`);
    }
    return `${lines.join("\n")}\n`;
  }
}

function tooLarge(what: string): ArrieroError {
  return new ArrieroError("invalid_schema", `the schema is too large: it needs ${what}`);
}
