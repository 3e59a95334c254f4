const FENCE = '"""';
/** Longest message typed or piped, in characters. */
export const LONGEST_MESSAGE = 4 * 1024 * 1024;

/** What the lines typed so far amount to. */
export type Typed =
  | { readonly kind: "message"; readonly text: string }
  /** A fence is open: `text` is what stands after it. */
  | { readonly kind: "more"; readonly text: string }
  | { readonly kind: "nothing" };

/**
 * Takes one more line. `open` is the text of a fence that was opened by an earlier line, null where none is.
 * A line that begins with three double quotes opens it, one that ends with them closes it.
 */
export function takeLine(open: string | null, line: string): Typed {
  if (open === null && !line.trimStart().startsWith(FENCE)) {
    return line.trim() === "" ? { kind: "nothing" } : { kind: "message", text: line };
  }
  const rest = open === null ? line.trimStart().slice(FENCE.length) : line;
  const text = open === null || open === "" ? rest : `${open}\n${rest}`;
  if (text.trimEnd().endsWith(FENCE)) {
    const message = text.trimEnd().slice(0, -FENCE.length).trim();
    return message === "" ? { kind: "nothing" } : { kind: "message", text: message };
  }
  if (text.length > LONGEST_MESSAGE) return { kind: "message", text: text.slice(0, LONGEST_MESSAGE) };
  return { kind: "more", text };
}
