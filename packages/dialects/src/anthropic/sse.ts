import type { ArrieroError } from "@arriero/spec";
import { errorBody } from "./errors.ts";

/** One event: its name stands twice, as clients read either. */
export function frame(type: string, data: Readonly<Record<string, unknown>>): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}

/** A stream that has begun cannot change its status: the error is its last event, and no `message_stop` follows. */
export function errorFrame(error: ArrieroError, requestId: string): string {
  return `event: error\ndata: ${JSON.stringify(errorBody(error, requestId))}\n\n`;
}
