import type { CharParser, CharSource } from "../stream-parser.ts";

/**
 * Reads one JSON value, handing on its characters as they come. Brackets and strings are followed, the rest is passed
 * as written: arguments reach the caller exactly as the model wrote them. Returns false when the end cut it off.
 */
export function* readValue(source: CharSource, write: (text: string) => void): CharParser<boolean> {
  let depth = 0;
  for (;;) {
    const char = yield* source.next();
    if (char === null) return false;
    if (char === '"') {
      write(char);
      if (!(yield* readStringRest(source, write))) return false;
    } else if (depth === 0 && !"{[".includes(char)) {
      source.unread(char);
      return yield* readBare(source, write);
    } else {
      write(char);
      if ("{[".includes(char)) depth++;
      if ("}]".includes(char)) depth--;
    }
    if (depth === 0) return true;
  }
}

/** A string after its opening quote. */
export function* readStringRest(source: CharSource, write: (text: string) => void): CharParser<boolean> {
  for (let escaped = false; ; ) {
    const char = yield* source.next();
    if (char === null) return false;
    write(char);
    if (char === '"' && !escaped) return true;
    escaped = char === "\\" && !escaped;
  }
}

/** A number, true, false, null, or what stands in their place. */
function* readBare(source: CharSource, write: (text: string) => void): CharParser<boolean> {
  for (;;) {
    const char = yield* source.next();
    if (char === null) return false;
    if (/[\s,}\]<"{[:]/.test(char)) {
      source.unread(char);
      return true;
    }
    write(char);
  }
}
