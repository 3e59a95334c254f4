import type { ChatMessage, GenerationRequest, PrefixMark } from "@arriero/spec";
import { RunningHash } from "./running-hash.ts";

/** Marks of one prompt at most: the ends of its last messages, and steps that grow by half within the text. */
const MOST_ENDS = 24;
const FIRST_STEP_CHARS = 256;
const STEP_GROWTH = 1.5;
const MOST_STEPS = 24;

/**
 * The beginnings of a request's prompt, shortest first. They are cut where conversations grow (after each message) and in
 * steps, so that prompts which begin alike share marks however they go on. Adapter and tools stand before everything: they
 * change what a model computes from the first token on.
 */
export function prefixMarks({ adapter, input }: Pick<GenerationRequest, "adapter" | "input">): PrefixMark[] {
  const pieces = piecesOf(input);
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const hash = new RunningHash();
  hash.add(`${adapter ?? ""}\n${input.kind}\n`);
  if (input.kind === "chat" && input.tools.length > 0) hash.add(JSON.stringify(input.tools));
  const marks: PrefixMark[] = [];
  const mark = (at: number): void => void marks.push({ key: hash.read(), share: at / length });
  let at = 0;
  let step = FIRST_STEP_CHARS;
  let steps = 0;
  for (const [index, piece] of pieces.entries()) {
    let from = 0;
    while (steps < MOST_STEPS && step <= at + piece.length) {
      hash.add(piece, from, step - at);
      from = step - at;
      if (from < piece.length) mark(step);
      step = Math.ceil(step * STEP_GROWTH);
      steps++;
    }
    hash.add(piece, from);
    at += piece.length;
    if (index >= pieces.length - MOST_ENDS) mark(at);
  }
  return marks;
}

/** The prompt as text whose beginnings are the prompt's beginnings: one piece a message. */
function piecesOf(input: GenerationRequest["input"]): string[] {
  switch (input.kind) {
    case "chat":
      return input.messages.map(pieceOf);
    case "text":
      return [input.text === "" ? " " : input.text];
    case "tokens":
      return [`${input.tokens.join(" ")} `];
    default:
      return input satisfies never;
  }
}

function pieceOf(message: ChatMessage): string {
  return isPlain(message) ? `${message.role}\n${message.content}\n` : `${JSON.stringify(message)}\n`;
}

/** Role and content are all it has. */
function isPlain(message: ChatMessage): boolean {
  switch (message.role) {
    case "system":
      return true;
    case "user":
      return message.name === undefined;
    case "assistant":
      return message.reasoning === undefined && message.toolCalls === undefined;
    case "tool":
      return false;
    default:
      return message satisfies never;
  }
}
