/** A mark of Markdown that stands at a word's edge, as it must to mean anything; between two letters or figures it is text. */
const EMPHASIS = /(?<![\p{L}\p{N}*_~])(?:\*{1,3}|_{1,3}|~~)(?=[^\s*_~])|(?<=[^\s*_~])(?:\*{1,3}|_{1,3}|~~)(?![\p{L}\p{N}*_~])/gu;

/**
 * The words of a text without what only sets it: heading and list marks, emphasis, fences, rules, tables' lines, the
 * addresses of links. For people to look over, not to be read as Markdown again.
 */
export function plainWords(markdown: string): string {
  return markdown
    .replace(/^[ \t]*(?:```|~~~).*$/gm, " ")
    .replace(/^(?=.*---)[ \t|:-]+$/gm, " ")
    .replace(/^[ \t]*(?:#{1,6}|>+|[-*+]|\d{1,9}[.)])[ \t]+/gm, "")
    .replace(/!?\[([^\][]*)\]\([^()\s]*\)/g, "$1")
    .replace(/^[ \t]*\||\|[ \t]*$/gm, " ")
    .replace(/[ \t]\|[ \t]/g, " ")
    .replace(/\$\$|`+/g, "")
    .replace(EMPHASIS, "");
}
