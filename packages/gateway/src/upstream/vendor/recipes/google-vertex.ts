import { createVertex } from "@ai-sdk/google-vertex";
import { createVertexAnthropic } from "@ai-sdk/google-vertex/anthropic";
import type { VendorPlace, VendorRecipe } from "../vendor-recipe.ts";
import { anthropicOptions } from "./anthropic-options.ts";
import { googleAccount } from "./google-account.ts";

/** Gemini and Claude on Vertex AI. The model is a name, or `endpoints/ID` of a fine-tuned one. */
export const googleVertex: VendorRecipe = {
  base(place) {
    const { location, project } = place;
    const root = `https://${host(location ?? "global")}`;
    const there = `projects/${project}/locations/${location}`;
    if (isClaude(place)) return `${root}/v1/${there}/publishers/anthropic/models`;
    return `${root}/v1beta1/${there}${isTuned(place) ? "" : "/publishers/google"}`;
  },
  open({ base, fetch, place, secret }) {
    const { location, model, project } = place;
    // Named, since Google's client would look for it far and wide.
    const googleAuthOptions = { projectId: project ?? "", ...googleAccount(secret) };
    const common = { baseURL: base, fetch, location: location ?? "", project: project ?? "", googleAuthOptions };
    if (isClaude(place)) {
      const claude = createVertexAnthropic(common);
      return { language: () => claude.languageModel(model), embedding: null };
    }
    // An empty key keeps GOOGLE_VERTEX_API_KEY out.
    const vendor = createVertex({ ...common, apiKey: "" });
    return { language: () => vendor.languageModel(model), embedding: () => vendor.embeddingModel(model) };
  },
  options: (request) => ({ anthropic: anthropicOptions(request) }),
};

function host(location: string): string {
  if (location === "global") return "aiplatform.googleapis.com";
  if (location === "eu" || location === "us") return `aiplatform.${location}.rep.googleapis.com`;
  return `${location}-aiplatform.googleapis.com`;
}

function isClaude({ model }: VendorPlace): boolean {
  return model.startsWith("claude-");
}

function isTuned({ model }: VendorPlace): boolean {
  return model.startsWith("endpoints/");
}
