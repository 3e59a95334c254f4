/** A parser that is resumed with one character (code point) at a time, and with null when the text has ended. */
export type CharParser<T> = Generator<void, T, string | null>;

/** The characters to come, with any number put back. */
export class CharSource {
  readonly #returned: string[] = [];
  #ended = false;

  *next(): CharParser<string | null> {
    const returned = this.#returned.pop();
    if (returned !== undefined) return returned;
    if (this.#ended) return null;
    const char = yield;
    if (char === null) this.#ended = true;
    return char;
  }

  /** The text is read again, before anything else. */
  unread(text: string): void {
    this.#returned.push(...[...text].reverse());
  }

  /** Whitespace, up to the first character that is none. */
  *space(): CharParser<string> {
    let space = "";
    for (;;) {
      const char = yield* this.next();
      if (char === null) return space;
      if (!/\s/.test(char)) {
        this.unread(char);
        return space;
      }
      space += char;
    }
  }

  /** Reads `text` if it comes next, and says whether it did. */
  *take(text: string): CharParser<boolean> {
    const read = yield* this.#match(text);
    if (read === text) return true;
    this.unread(read);
    return false;
  }

  /** The same for a closing mark: a beginning of it that the end of the text cuts off is read too. */
  *close(mark: string): CharParser<boolean> {
    const read = yield* this.#match(mark);
    const cut = this.#ended && read !== "" && mark.startsWith(read);
    if (read === mark || cut) return true;
    this.unread(read);
    return false;
  }

  /** Whether nothing comes any more. */
  *ended(): CharParser<boolean> {
    const char = yield* this.next();
    if (char !== null) this.unread(char);
    return char === null;
  }

  /** Reads while the characters are those of `text`, and the first that is not. */
  *#match(text: string): CharParser<string> {
    let read = "";
    for (const wanted of text) {
      const char = yield* this.next();
      if (char === null) return read;
      read += char;
      if (char !== wanted) return read;
    }
    return read;
  }
}

/**
 * Feeds a CharParser with text in pieces and collects what it emits. Since the parser sees characters, never pieces,
 * what it emits is a function of the text alone, and at any moment of the text so far.
 */
export class StreamParser<Event> {
  readonly #parse: CharParser<void>;
  #events: Event[] = [];
  #half = "";
  #done: boolean;

  constructor(parse: (source: CharSource, emit: (event: Event) => void) => CharParser<void>) {
    this.#parse = parse(new CharSource(), (event) => this.#events.push(event));
    this.#done = this.#parse.next().done === true;
  }

  feed(text: string): Event[] {
    const all = this.#half + text;
    this.#half = /[\ud800-\udbff]$/.test(all) ? all.slice(-1) : "";
    for (const char of this.#half === "" ? all : all.slice(0, -1)) this.#step(char);
    return this.#take();
  }

  /** The text has ended. Later calls return nothing. */
  finish(): Event[] {
    if (this.#half !== "") this.#step(this.#half);
    this.#half = "";
    this.#step(null);
    return this.#take();
  }

  #step(char: string | null): void {
    if (!this.#done) this.#done = this.#parse.next(char).done === true;
  }

  #take(): Event[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }
}
