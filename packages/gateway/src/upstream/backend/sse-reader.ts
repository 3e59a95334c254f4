import { malformed } from "./backend-faults.ts";
import { Utf8Reader } from "./utf8-reader.ts";

/** Longest event; a chunk with the log probabilities of many tokens fits. */
const MAX_EVENT_CHARS = 8 * 1024 * 1024;

export interface SseEvent {
  /** "message" where the stream names none. */
  readonly event: string;
  readonly data: string;
}

/**
 * Reads server-sent events out of byte chunks (WHATWG HTML, section 9.2.6), however they are cut: characters and line
 * ends may be split, comments are dropped, several `data` lines are one. Bytes that are no UTF-8 break the stream: what
 * they stood for is lost.
 */
export class SseReader {
  readonly #characters = new Utf8Reader();
  #line = "";
  #data: string[] = [];
  #size = 0;
  #event = "";
  /** The last chunk ended in a carriage return: a line feed that comes next belongs to it. */
  #afterReturn = false;

  /** The events completed by this chunk. */
  push(chunk: Uint8Array): SseEvent[] {
    return this.read(this.decode(chunk));
  }

  /** Whether what comes next begins an event. */
  get isBetweenEvents(): boolean {
    return this.#line === "" && this.#data.length === 0 && this.#event === "" && !this.#afterReturn;
  }

  /** What the end completes: a last event may lack its blank line. Throws where the stream ends inside a character. */
  end(): SseEvent[] {
    this.#characters.end();
    const events = this.read("\n");
    return [...events, ...this.#dispatch()];
  }

  /** The characters completed by this chunk, for `read`. */
  decode(chunk: Uint8Array): string {
    return this.#characters.read(chunk);
  }

  /** The events completed by these characters. */
  read(text: string): SseEvent[] {
    if (text === "") return [];
    const rest = this.#afterReturn && text.startsWith("\n") ? text.slice(1) : text;
    this.#afterReturn = text.endsWith("\r");
    const lines = (this.#line + rest).split(/\r\n|\n|\r/);
    this.#line = lines.pop() ?? "";
    const events: SseEvent[] = [];
    for (const line of lines) {
      if (line === "") events.push(...this.#dispatch());
      else this.#field(line);
    }
    if (this.#size + this.#line.length > MAX_EVENT_CHARS) throw malformed(`an event of more than ${MAX_EVENT_CHARS} characters`);
    return events;
  }

  #field(line: string): void {
    const colon = line.indexOf(":");
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (name === "event") this.#event = value;
    if (name !== "data") return;
    this.#data.push(value);
    this.#size += value.length;
  }

  #dispatch(): SseEvent[] {
    const events = this.#data.length === 0 ? [] : [{ event: this.#event || "message", data: this.#data.join("\n") }];
    this.#data = [];
    this.#size = 0;
    this.#event = "";
    return events;
  }
}
