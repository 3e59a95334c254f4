import { createAnthropic } from "@ai-sdk/anthropic";
import type { VendorRecipe } from "../vendor-recipe.ts";
import { keyOf } from "../vendor-secret.ts";
import { anthropicOptions } from "./anthropic-options.ts";

export const anthropic: VendorRecipe = {
  base: () => "https://api.anthropic.com/v1",
  open({ base, fetch, place, secret }) {
    const vendor = createAnthropic({ apiKey: keyOf(secret), baseURL: base, fetch });
    return { language: () => vendor.messages(place.model), embedding: null };
  },
  options: (request) => ({ anthropic: anthropicOptions(request) }),
};
