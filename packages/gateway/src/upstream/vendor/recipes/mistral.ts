import { createMistral } from "@ai-sdk/mistral";
import type { VendorRecipe } from "../vendor-recipe.ts";
import { keyOf } from "../vendor-secret.ts";

export const mistral: VendorRecipe = {
  base: () => "https://api.mistral.ai/v1",
  open({ base, fetch, place, secret }) {
    const vendor = createMistral({ apiKey: keyOf(secret), baseURL: base, fetch });
    return { language: () => vendor.chat(place.model), embedding: () => vendor.embeddingModel(place.model) };
  },
  options: ({ input }) => ({
    mistral: input.kind === "chat" && input.tools.length > 0 && !input.parallelToolCalls ? { parallelToolCalls: false } : {},
  }),
};
