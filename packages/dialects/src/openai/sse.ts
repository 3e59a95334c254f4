import type { ArrieroError } from "@arriero/spec";
import { errorBody } from "./errors.ts";

export const DONE_FRAME = "data: [DONE]\n\n";

/** A stream that has begun cannot change its status: the error is its last frame, and no `[DONE]` follows. */
export function errorFrame(error: ArrieroError): string {
  return `data: ${JSON.stringify(errorBody(error))}\n\n`;
}
