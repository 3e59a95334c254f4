import type { AskedSampling } from "@arriero/spec";

/** What Ollama does where neither caller nor model says anything (`DefaultOptions` in its `api/types.go`). */
export const HABITS: AskedSampling = {
  temperature: 0.8,
  topK: 40,
  topP: 0.9,
  repeatPenalty: 1.1,
  penaltyLastN: 64,
};
