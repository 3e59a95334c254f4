import { createAmazonBedrock } from "@ai-sdk/amazon-bedrock";
import type { VendorRecipe } from "../vendor-recipe.ts";

/**
 * The Converse API. The model is a base model's id, an inference profile's, or the ARN of provisioned throughput, an
 * imported or a fine-tuned model: all are asked in the same way.
 */
export const amazonBedrock: VendorRecipe = {
  base: ({ location }) => `https://bedrock-runtime.${location}.amazonaws.com`,
  open({ base, fetch, place, secret }) {
    const vendor = createAmazonBedrock({
      baseURL: base,
      fetch,
      ...(place.location === null ? {} : { region: place.location }),
      // An empty key keeps AWS_BEARER_TOKEN_BEDROCK out.
      ...(secret.kind === "aws" ? { apiKey: "", credentialProvider: secret.credentials } : {}),
      ...(secret.kind === "key" ? { apiKey: secret.key } : {}),
    });
    return { language: () => vendor.languageModel(place.model), embedding: () => vendor.embeddingModel(place.model) };
  },
  options: () => ({}),
};
