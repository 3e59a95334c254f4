import type { JSONObject } from "@ai-sdk/provider";
import type { GenerationRequest } from "@arriero/spec";

/** Fields of the messages API, wherever it is served. */
export function anthropicOptions({ input }: GenerationRequest): JSONObject {
  return input.kind === "chat" && input.tools.length > 0 && !input.parallelToolCalls ? { disableParallelToolUse: true } : {};
}
