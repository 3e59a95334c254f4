import { createGroq } from "@ai-sdk/groq";
import type { VendorRecipe } from "../vendor-recipe.ts";
import { keyOf } from "../vendor-secret.ts";

export const groq: VendorRecipe = {
  base: () => "https://api.groq.com/openai/v1",
  open({ base, fetch, place, secret }) {
    const vendor = createGroq({ apiKey: keyOf(secret), baseURL: base, fetch });
    return { language: () => vendor.languageModel(place.model), embedding: null };
  },
  options: ({ input }) => ({
    groq: input.kind === "chat" && input.tools.length > 0 && !input.parallelToolCalls ? { parallelToolCalls: false } : {},
  }),
};
