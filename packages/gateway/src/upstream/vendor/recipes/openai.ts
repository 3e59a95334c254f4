import { createOpenAI } from "@ai-sdk/openai";
import type { VendorRecipe } from "../vendor-recipe.ts";
import { keyOf } from "../vendor-secret.ts";
import { openAiOptions } from "./openai-options.ts";

/** Chat completions rather than responses: nothing of a conversation is kept there. */
export const openai: VendorRecipe = {
  base: () => "https://api.openai.com/v1",
  open({ base, fetch, place, secret }) {
    const vendor = createOpenAI({ apiKey: keyOf(secret), baseURL: base, fetch });
    return { language: () => vendor.chat(place.model), embedding: () => vendor.embeddingModel(place.model) };
  },
  options: (request) => ({ openai: openAiOptions(request) }),
};
