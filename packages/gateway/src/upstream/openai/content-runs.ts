import type { JsonObject } from "../backend/json-object.ts";
import { isObject, objectOf } from "../backend/json-object.ts";

/** Consecutive pieces of one choice's text, read without parsing their frames. */
export interface ContentRun {
  readonly choice: number;
  readonly text: string;
  readonly pieces: number;
  /** Pieces that are the same as the one before them. */
  readonly repeats: number;
  /** The data of the first and the last frame. */
  readonly first: string;
  readonly last: string;
  /** Where the next frame begins. */
  readonly end: number;
}

interface Shape {
  readonly choice: number;
  /** The frame up to its text, the opening quote included. */
  readonly head: string;
  /** From the closing quote to the blank line. */
  readonly tail: string;
  /** What stands between the texts of two frames. */
  readonly seam: string;
}

const DATA = "data: ";
const FRAME_END = "\n\n";
const CONTENT = '"content":"';
const PROBE = "?";
/** A server whose frames differ in more than their text is not asked for ever whether they do. */
const MOST_FRUITLESS = 8;
/** What JSON does not have inside a string; such a frame is not ours to pass. */
const RAW_CONTROL = /[\0-\x1f]/;

/**
 * The frames of a stream are mostly the same but for one string. Once a parsed frame has shown the rest, those that are
 * equal to it, byte for byte, are taken apart by comparing instead of parsing. Whatever differs in anything else (a
 * finish, usage, another choice, an error) is left to the parser.
 */
export class ContentRuns {
  #shape: Shape | null = null;
  #fruitless = 0;

  /** The frames from `from` on, as far as all are of the known shape; null: the first is not. */
  take(text: string, from: number): ContentRun | null {
    const shape = this.#shape;
    if (shape === null) return null;
    const { choice, head, tail } = shape;
    if (!text.startsWith(head, from)) return null;
    let end = from;
    let pieces = 0;
    let repeats = 0;
    let said = "";
    let first = "";
    let before = "";
    // A tail has line ends, which no JSON string has: what lies between two frames of the shape is their text alone, or
    // something that has a quote in it.
    const parts = text.slice(from + head.length).split(shape.seam);
    for (const [place, part] of parts.entries()) {
      const quote = part.indexOf('"');
      const isWhole = quote === -1 ? place < parts.length - 1 : part.startsWith(tail, quote);
      if (!isWhole) break;
      const raw = quote === -1 ? part : part.slice(0, quote);
      const piece = unescaped(raw);
      if (piece === null || piece === "") break;
      if (pieces === 0) first = raw;
      else if (raw === before) repeats++;
      before = raw;
      said += piece;
      pieces++;
      end += head.length + raw.length + tail.length;
      if (quote !== -1) break;
    }
    if (pieces === 0) return null;
    this.#fruitless = 0;
    return { choice, text: said, pieces, repeats, first: this.#data(shape, first), last: this.#data(shape, before), end };
  }

  /** A frame that was parsed: what it is like but for its text. */
  learn(data: string, chunk: JsonObject): void {
    if (this.#fruitless >= MOST_FRUITLESS) return;
    const shape = shapeOf(data, chunk);
    if (shape === null) return;
    this.#fruitless++;
    this.#shape = shape;
  }

  #data({ head, tail }: Shape, raw: string): string {
    return head.slice(DATA.length) + raw + tail.slice(0, -FRAME_END.length);
  }
}

/** null: the frame says more than a piece of text, or it cannot be told where. */
function shapeOf(data: string, chunk: JsonObject): Shape | null {
  const { choices, usage } = chunk;
  if (!Array.isArray(choices) || choices.length !== 1 || isObject(usage) || data.includes("\n")) return null;
  const choice = objectOf(choices[0]);
  const { content, ...others } = objectOf(choice.delta);
  const silent = Object.values(others).every((value) => value === null || value === "");
  if (typeof content !== "string" || content === "" || !silent || choice.finish_reason) return null;
  const at = data.indexOf(CONTENT);
  if (at === -1 || data.indexOf(CONTENT, at + 1) !== -1) return null;
  const begin = at + CONTENT.length;
  const end = begin + JSON.stringify(content).length - 2;
  const head = data.slice(0, begin);
  const tail = data.slice(end);
  // The proof that it is the delta's text which stands there, and nothing but its text.
  if (data.slice(begin, end) !== JSON.stringify(content).slice(1, -1) || contentOf(head + PROBE + tail) !== PROBE) return null;
  const { index } = choice;
  return { choice: typeof index === "number" ? index : 0, ...framed(DATA + head, tail + FRAME_END) };
}

/** Flat strings: comparing with one that is still a rope costs more than parsing. */
function framed(head: string, tail: string): Omit<Shape, "choice"> {
  const flat = (text: string): string => Buffer.from(text).toString();
  return { head: flat(head), tail: flat(tail), seam: flat(tail + head) };
}

function contentOf(data: string): unknown {
  try {
    const { choices } = JSON.parse(data) as { choices: { delta: { content: unknown } }[] };
    return choices[0]?.delta.content;
  } catch {
    return undefined;
  }
}

/** What a JSON string without its quotes says; null: it is none. */
function unescaped(raw: string): string | null {
  if (RAW_CONTROL.test(raw)) return null;
  if (!raw.includes("\\")) return raw;
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return null;
  }
}
