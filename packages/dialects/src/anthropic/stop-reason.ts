import type { GenerationEventOf } from "@arriero/spec";
import type { MessagePresentation } from "./parse.ts";

export interface Stop {
  readonly stop_reason: "end_turn" | "max_tokens" | "stop_sequence" | "tool_use" | "model_context_window_exceeded";
  readonly stop_sequence: string | null;
}

/**
 * Why a message ended. An answer that the server cut short counts as `max_tokens`, the one word every client takes for
 * an incomplete answer.
 */
export function formatStop(
  finish: GenerationEventOf<"finish">,
  usage: GenerationEventOf<"usage">,
  { maxTokens, stopSequences }: MessagePresentation,
): Stop {
  switch (finish.reason) {
    case "stop": {
      const sequence = finish.stopSequence;
      const asked = sequence !== null && stopSequences.includes(sequence);
      return asked ? { stop_reason: "stop_sequence", stop_sequence: sequence } : because("end_turn");
    }
    case "length":
      return because(usage.completionTokens < maxTokens ? "model_context_window_exceeded" : "max_tokens");
    case "cancelled":
      return because("max_tokens");
    case "tool-calls":
      return because("tool_use");
    default:
      return finish.reason satisfies never;
  }
}

function because(reason: Stop["stop_reason"]): Stop {
  return { stop_reason: reason, stop_sequence: null };
}
