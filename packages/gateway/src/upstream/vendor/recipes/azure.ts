import { createAzure } from "@ai-sdk/azure";
import type { VendorRecipe } from "../vendor-recipe.ts";
import { keyOf } from "../vendor-secret.ts";
import { openAiOptions } from "./openai-options.ts";

/** The model is a deployment's name. Its address is the caller's own resource, so the configuration has to name it. */
export const azure: VendorRecipe = {
  base: () => "",
  open({ base, fetch, place, secret }) {
    const vendor = createAzure({ apiKey: keyOf(secret), baseURL: base, fetch });
    return { language: () => vendor.chat(place.model), embedding: () => vendor.embeddingModel(place.model) };
  },
  options: (request) => ({ openai: openAiOptions(request) }),
};
