import type { page } from "@arriero/spec";
import { plainWords } from "./plain-words.ts";

/** Characters before and behind the first thing found. */
const BEFORE = 60;
const BEHIND = 160;

/**
 * What is shown of a text where something was found: around the first word of the search, all its words marked. Without the
 * marks of Markdown, unless what was found stands among them.
 */
export function excerptOf(written: string, q: string): page.SearchHit["excerpt"] {
  const words = [...q.matchAll(/(-?)([\p{L}\p{N}]+)/gu)].flatMap(([, minus, word]) => (minus === "" ? [word!] : []));
  // A word is found where one begins with it, as the search itself finds the last one.
  const found = words.length === 0 ? null : new RegExp(`(?<![\\p{L}\\p{N}])(?:${words.join("|")})[\\p{L}\\p{N}]*`, "giu");
  const plain = plainWords(written);
  const text = found === null || plain.search(found) >= 0 ? plain : written;
  const first = found === null ? -1 : text.search(found);
  const from = Math.max(0, first - BEFORE);
  const to = Math.max(first, 0) + BEHIND;
  const cut = text.slice(from, to).replaceAll(/\s+/g, " ");
  const shown = `${from > 0 ? "\u2026" : ""}${cut}${to < text.length ? "\u2026" : ""}`;
  const pieces: page.SearchHit["excerpt"] = [];
  let at = 0;
  for (const match of found === null ? [] : shown.matchAll(found)) {
    pieces.push({ text: shown.slice(at, match.index), hit: false }, { text: match[0], hit: true });
    at = match.index + match[0].length;
  }
  pieces.push({ text: shown.slice(at), hit: false });
  return pieces.filter((piece) => piece.text !== "");
}
