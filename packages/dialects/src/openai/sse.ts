import type { ArrieroError } from "@arriero/spec";
import { errorBody } from "./errors.ts";

/** Headers of a streamed answer. `X-Accel-Buffering` keeps nginx from holding frames back. */
export const SSE_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache",
  "x-accel-buffering": "no",
} as const;

export const DONE_FRAME = "data: [DONE]\n\n";

/** A stream that has begun cannot change its status: the error is its last frame, and no `[DONE]` follows. */
export function errorFrame(error: ArrieroError): string {
  return `data: ${JSON.stringify(errorBody(error))}\n\n`;
}
