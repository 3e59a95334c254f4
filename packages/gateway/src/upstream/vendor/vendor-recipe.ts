import type { EmbeddingModelV3, LanguageModelV3, SharedV3ProviderOptions } from "@ai-sdk/provider";
import type { GenerationRequest, VendorName } from "@arriero/spec";
import type { AwsCredentials } from "../backend/aws-credentials.ts";

/** The vendors whose protocols the AI SDK speaks; SageMaker has a client of its own. */
export type SdkVendor = Exclude<VendorName, "sagemaker" | "sagemaker-tgi">;

/** Which of a vendor's addresses is asked. */
export interface VendorPlace {
  /** The vendor's model: a name, a fine-tuned model's id, a deployment, an ARN. */
  readonly model: string;
  readonly location: string | null;
  readonly project: string | null;
}

/** What a vendor knows its caller by. `none`: what the vendor's own client finds in its surroundings. */
export type VendorSecret =
  | { readonly kind: "key"; readonly key: string }
  | { readonly kind: "aws"; readonly credentials: () => Promise<AwsCredentials> }
  | { readonly kind: "none" };

export interface VendorAccess {
  readonly base: string;
  readonly place: VendorPlace;
  readonly secret: VendorSecret;
  readonly fetch: typeof globalThis.fetch;
}

/** A vendor's models behind the AI SDK's specification. */
export interface VendorModels {
  language(): LanguageModelV3;
  /** null: the vendor embeds nothing. */
  readonly embedding: (() => EmbeddingModelV3) | null;
}

/**
 * How one vendor is reached. Address and credential are always given to its package: what that would take from
 * variables of the environment could send a request elsewhere than the configuration says.
 */
export interface VendorRecipe {
  /** Root of its API where the configuration names no url. */
  base(place: VendorPlace): string;
  open(access: VendorAccess): VendorModels;
  /** What only this vendor has a word for. */
  options(request: GenerationRequest): SharedV3ProviderOptions;
}
