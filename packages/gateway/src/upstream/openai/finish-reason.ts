import type { FinishReason } from "@arriero/spec";
import { broken, malformed } from "../backend/backend-faults.ts";

/** Servers' words for why an answer ended, OpenAI's own and the habits of others. */
const REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ["stop", "stop"],
  ["eos", "stop"],
  ["eos_token", "stop"],
  ["stop_sequence", "stop"],
  ["end_turn", "stop"],
  ["length", "length"],
  ["max_tokens", "length"],
  ["tool_calls", "tool-calls"],
  ["function_call", "tool-calls"],
  ["content_filter", "cancelled"],
]);

/** @throws UpstreamBroken where the backend itself gave up, or says what nobody knows: the answer may not be whole */
export function readFinishReason(reason: string): FinishReason {
  if (reason === "abort" || reason === "error") throw broken("replica_failed", `The backend gave the answer up (${reason}).`);
  const known = REASONS.get(reason);
  if (known === undefined) throw malformed(`an unknown finish reason ${JSON.stringify(reason.slice(0, 48))}`);
  return known;
}
