import type { ModelDescription } from "@arriero/spec";
import { abilityWords, modelTypeOf, type XinferenceModelType } from "./model-type.ts";

/**
 * Xinference's half of an entry of GET /v1/models, and of GET /v1/models/{uid}. `model_ability` stands on an LLM and a maker of images alone:
 * clients take a model without it for what `model_type` says.
 */
export interface XinferenceModelFields {
  /** Not the stored name but the uid: clients make it the key of their own lists, and adapters must not shadow their model. */
  readonly model_name: string;
  readonly model_type: XinferenceModelType | "unknown";
  readonly model_ability?: readonly string[];
  readonly [more: string]: unknown;
}

/** @param type what it was launched as; null: what it is */
export function formatModelFields(
  uid: string,
  description: ModelDescription,
  type: XinferenceModelType | null = null,
): XinferenceModelFields {
  const shown = type ?? modelTypeOf(description);
  const common = { model_name: uid, model_type: shown, model_revision: null, replica: 1 };
  switch (shown) {
    case "LLM":
      return {
        ...common,
        model_ability: abilityWords(description.abilities),
        model_lang: [],
        model_description: `${description.architecture}, ${description.layers} layers`,
        model_family: description.architecture,
        model_format: "ggufv2",
        model_size_in_billions: Number((description.parameters / 1e9).toPrecision(3)),
        quantization: description.quantization,
        context_length: description.contextLength,
      };
    case "embedding":
      return { ...common, dimensions: description.embeddingLength, max_tokens: description.contextLength, language: [] };
    case "image":
      return { ...common, model_ability: ["text2image"] };
    case "rerank":
      return { ...common, language: [] };
    default:
      return shown satisfies never;
  }
}

/** For a model whose file cannot be read: it is listed, and no client takes it for one that works. */
export function formatUnreadable(uid: string): XinferenceModelFields {
  return { model_name: uid, model_type: "unknown", model_ability: [], model_revision: null, replica: 0 };
}
