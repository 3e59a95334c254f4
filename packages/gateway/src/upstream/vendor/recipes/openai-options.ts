import type { JSONObject } from "@ai-sdk/provider";
import type { GenerationRequest } from "@arriero/spec";

/** Fields of OpenAI's own that Azure's deployments know too. */
export function openAiOptions({ input, sampling }: GenerationRequest): JSONObject {
  return {
    ...(input.kind === "chat" && input.tools.length > 0 && !input.parallelToolCalls ? { parallelToolCalls: false } : {}),
    ...(sampling.logitBias === undefined ? {} : { logitBias: sampling.logitBias }),
  };
}
