/** An inclusive range of code points. */
export type CodePointRange = readonly [first: number, last: number];

/** A GBNF literal that matches exactly this text. A lone surrogate, which no token can hold, becomes U+FFFD. */
export function literal(text: string): string {
  let body = "";
  for (const char of text.replace(/\p{Surrogate}/gu, "\ufffd")) {
    if (char === '"' || char === "\\") body += `\\${char}`;
    else body += printable(char.codePointAt(0)!) ? char : escaped(char.codePointAt(0)!);
  }
  return `"${body}"`;
}

/** A GBNF character class over the ranges; `ranges` must not be empty. */
export function charClass(ranges: readonly CodePointRange[], negated = false): string {
  const body = ranges.map(([first, last]) => (first === last ? classChar(first) : `${classChar(first)}-${classChar(last)}`));
  return `[${negated ? "^" : ""}${body.join("")}]`;
}

/** Only letters, digits and the like stand for themselves in a class; the rest is escaped, so that no reader trips. */
function classChar(codePoint: number): string {
  const char = String.fromCodePoint(codePoint);
  return /[A-Za-z0-9 _.,:;/]/.test(char) ? char : escaped(codePoint);
}

function printable(codePoint: number): boolean {
  return codePoint >= 0x20 && codePoint !== 0x7f;
}

function escaped(codePoint: number): string {
  if (codePoint <= 0xff) return `\\x${codePoint.toString(16).padStart(2, "0")}`;
  if (codePoint <= 0xffff) return `\\u${codePoint.toString(16).padStart(4, "0")}`;
  return `\\U${codePoint.toString(16).padStart(8, "0")}`;
}
