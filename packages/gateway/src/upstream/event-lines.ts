import { StringDecoder } from "node:string_decoder";
import { ArrieroError, type EventLine, type GenerationEvent } from "@arriero/spec";
import { UpstreamBroken } from "./upstream-broken.ts";

/** Longest event line; a start event with the ids of a million prompt tokens fits. */
const MAX_LINE_CHARS = 32 * 1024 * 1024;

const TYPES: ReadonlySet<string> = new Set<GenerationEvent["type"]>([
  "start",
  "text",
  "reasoning",
  "tool-call",
  "finish",
  "usage",
  "error",
]);

/**
 * Reads newline-delimited events out of byte chunks. A line that is malformed, or not the next one, breaks the stream:
 * what came before it is the answer's beginning, what comes after it is not to be trusted.
 */
export class EventLines {
  readonly #decoder = new StringDecoder("utf8");
  #pending = "";
  #position = 0;

  /** The events completed by this chunk, in order; throws UpstreamBroken behind the last that can be trusted. */
  *push(chunk: Buffer): Generator<GenerationEvent, void, void> {
    const text = this.#pending + this.#decoder.write(chunk);
    const lines = text.split("\n");
    this.#pending = lines.pop() ?? "";
    if (this.#pending.length > MAX_LINE_CHARS) throw malformed(`a line of more than ${MAX_LINE_CHARS} characters`);
    for (const line of lines) if (line !== "") yield this.#next(line);
  }

  #next(text: string): GenerationEvent {
    const [position, event] = parseLine(text);
    if (position !== this.#position) throw malformed(`line ${position} where line ${this.#position} was due`);
    this.#position++;
    return event;
  }
}

function parseLine(text: string): EventLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed("a line that is not JSON");
  }
  if (!isEventLine(value)) throw malformed("a line that is no event");
  return value;
}

/** The replica is our own process: position and type tag are checked, the event's fields are trusted. */
function isEventLine(value: unknown): value is EventLine {
  if (!Array.isArray(value) || value.length !== 2 || typeof value[0] !== "number") return false;
  const event: unknown = value[1];
  return typeof event === "object" && event !== null && "type" in event && TYPES.has(String(event.type));
}

function malformed(what: string): UpstreamBroken {
  return new UpstreamBroken(new ArrieroError("replica_failed", `The replica sent ${what}.`));
}
