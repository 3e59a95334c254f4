const FENCE = /^[ \t]*(`{3,}|~{3,})/;
const LIST_MARK = /^(?:[-*+]|\d{1,9}[.)])(?:\s|$)/;
/** Lines of which one cannot know, while they grow, what they begin. */
const UNCERTAIN = /^[^\p{L}]*$/u;

/**
 * A growing Markdown text in pieces that can be read alone: all but the last are settled, whatever is still to come. A piece
 * begins at a blank line outside of fences and formulas, with a line that goes on with nothing above it. Joined, the pieces
 * are the text. Law: a settled piece of a text is one of every longer text, too.
 */
export function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  let from = 0;
  let fence = "";
  let inMaths = false;
  let inList = false;
  let afterBlank = false;
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf("\n", at);
    const line = text.slice(at, end < 0 ? text.length : end);
    const next = end < 0 ? text.length : end + 1;
    const isGrowing = end < 0;
    const mark = FENCE.exec(line)?.[1];
    if (fence !== "") {
      if (mark?.startsWith(fence) && line.trim() === mark) fence = "";
    } else if (inMaths) {
      inMaths = !hasOddMaths(line);
    } else if (line.trim() === "") {
      afterBlank = true;
      at = next;
      continue;
    } else {
      // Raw HTML may go on over blank lines: from there on nothing is settled.
      if (line.startsWith("<")) break;
      const isItem = LIST_MARK.test(line);
      const isAlone = !/^\s/.test(line) && !(isItem && inList) && !(isGrowing && UNCERTAIN.test(line));
      if (afterBlank && isAlone && at > from) {
        pieces.push(text.slice(from, at));
        from = at;
        inList = false;
      }
      inList ||= isItem;
      if (mark !== undefined) fence = mark;
      else inMaths = hasOddMaths(line);
    }
    afterBlank = false;
    at = next;
  }
  pieces.push(text.slice(from));
  return pieces;
}

/** A formula begins or ends in this line, and not both. */
const hasOddMaths = (line: string): boolean => line.split("$$").length % 2 === 0;
