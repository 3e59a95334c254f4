import type { FinishReason } from "@arriero/spec";

export type OpenAiFinishReason = "stop" | "length" | "tool_calls" | "function_call";

/** A cancelled choice is cut short, and `length` is OpenAI's only word for that. */
export function formatFinishReason(reason: FinishReason, legacyFunctions = false): OpenAiFinishReason {
  switch (reason) {
    case "stop":
      return "stop";
    case "length":
    case "cancelled":
      return "length";
    case "tool-calls":
      return legacyFunctions ? "function_call" : "tool_calls";
    default:
      return reason satisfies never;
  }
}
