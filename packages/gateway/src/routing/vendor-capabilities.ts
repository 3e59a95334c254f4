import type { Capability, VendorName } from "@arriero/spec";

const CHAT: readonly Capability[] = ["chat", "tools", "jsonSchema"];

/** What a vendor's models can do where the configuration is silent, those that embed left out. */
const BY_VENDOR: Readonly<Record<VendorName, readonly Capability[]>> = {
  openai: [...CHAT, "seed"],
  anthropic: CHAT,
  "amazon-bedrock": CHAT,
  azure: [...CHAT, "seed"],
  "google-vertex": [...CHAT, "seed"],
  mistral: [...CHAT, "seed", "assistantPrefill"],
  groq: [...CHAT, "seed"],
  sagemaker: [...CHAT, "completions", "seed"],
  "sagemaker-tgi": ["completions", "jsonSchema", "seed"],
};

/** Claude up to 4.5 goes on behind the beginning of its answer; later ones refuse it. */
const CLAUDE_PREFILLED = /claude-(?:[23]\b|instant|(?:opus|sonnet|haiku)-4(?:-[015])?(?:[-@]20\d{6}|$))/;

/** What a vendor's model is taken for by its name. A name that tells nothing (an ARN, a deployment) is a chat model's. */
export function vendorCapabilities(vendor: VendorName, model: string): readonly Capability[] {
  if (/embed/i.test(model)) return ["embeddings"];
  const claude = /claude-/.test(model);
  const usual = BY_VENDOR[vendor].filter((capability) => capability !== "seed" || !claude);
  return CLAUDE_PREFILLED.test(model) ? [...usual, "assistantPrefill"] : usual;
}
