import type { ModelAbility, ModelDescription } from "@arriero/spec";

/** What Xinference launches a model as; its client chooses the methods of a handle by it. */
export type XinferenceModelType = "LLM" | "embedding" | "rerank" | "image";

/** What a model is when nobody said what to launch it as. */
export function modelTypeOf({ abilities }: ModelDescription): XinferenceModelType {
  if (abilities.includes("chat") || abilities.includes("completion")) return "LLM";
  if (abilities.includes("images")) return "image";
  return abilities.includes("rerank") ? "rerank" : "embedding";
}

/** A model that generates can be asked for vectors as well. */
export function canServeAs(description: ModelDescription, type: XinferenceModelType): boolean {
  const own = modelTypeOf(description);
  return own === type || (own === "LLM" && type === "embedding");
}

const WORDS: readonly (readonly [ModelAbility, string])[] = [
  ["chat", "chat"],
  ["completion", "generate"],
  ["tools", "tools"],
  ["reasoning", "reasoning"],
];

/** The abilities of an LLM in Xinference's words. */
export function abilityWords(abilities: readonly ModelAbility[]): string[] {
  return WORDS.flatMap(([ours, theirs]) => (abilities.includes(ours) ? [theirs] : []));
}
