import { createHash } from "node:crypto";

/**
 * The id of a tool call: the same wherever and however often the generation runs. `key` is what tells generations
 * apart (request id and seed), since calls of one conversation must not share an id.
 */
export function toolCallId(key: string, choice: number, index: number): string {
  return `call_${digest(`${key}\n${choice}\n${index}`).slice(0, 24)}`;
}

/** An id of nine letters and digits for templates that take no other (Mistral). */
export function shortToolCallId(id: string): string {
  return /^[A-Za-z0-9]{9}$/.test(id) ? id : digest(id).slice(0, 9);
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
