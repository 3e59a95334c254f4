import { StringDecoder } from "node:string_decoder";
import { ArrieroError, type GenerationEvent } from "@arriero/spec";
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

/** Reads newline-delimited events out of byte chunks. A malformed line breaks the stream: the replica is not to be trusted. */
export class EventLines {
  readonly #decoder = new StringDecoder("utf8");
  #pending = "";

  /** The events completed by this chunk. */
  push(chunk: Buffer): GenerationEvent[] {
    const text = this.#pending + this.#decoder.write(chunk);
    const lines = text.split("\n");
    this.#pending = lines.pop() ?? "";
    if (this.#pending.length > MAX_LINE_CHARS) throw malformed(`a line of more than ${MAX_LINE_CHARS} characters`);
    return lines.filter((line) => line !== "").map(parseEvent);
  }
}

function parseEvent(line: string): GenerationEvent {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw malformed("a line that is not JSON");
  }
  if (!isEvent(value)) throw malformed("a line that is no event");
  return value;
}

/** The replica is our own process: its type tag is checked, its fields are trusted. */
function isEvent(value: unknown): value is GenerationEvent {
  return typeof value === "object" && value !== null && "type" in value && TYPES.has(String(value.type));
}

function malformed(what: string): UpstreamBroken {
  return new UpstreamBroken(new ArrieroError("replica_failed", `The replica sent ${what}.`));
}
