import type { SdkVendor, VendorRecipe } from "./vendor-recipe.ts";

type Load = () => Promise<VendorRecipe>;

/** Each vendor's package is loaded with its first request: who has no such backend pays nothing for it. */
const RECIPES: Readonly<Record<SdkVendor, Load>> = {
  openai: async () => (await import("./recipes/openai.ts")).openai,
  anthropic: async () => (await import("./recipes/anthropic.ts")).anthropic,
  "amazon-bedrock": async () => (await import("./recipes/amazon-bedrock.ts")).amazonBedrock,
  azure: async () => (await import("./recipes/azure.ts")).azure,
  "google-vertex": async () => (await import("./recipes/google-vertex.ts")).googleVertex,
  mistral: async () => (await import("./recipes/mistral.ts")).mistral,
  groq: async () => (await import("./recipes/groq.ts")).groq,
};

export function loadRecipe(vendor: SdkVendor): Promise<VendorRecipe> {
  return RECIPES[vendor]();
}
