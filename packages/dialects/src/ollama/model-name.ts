import type { Fields } from "../fields.ts";
import { type ModelName, splitModelName } from "../model-name.ts";

const MAX_NAME = 256;

/** `model` of a request that runs one. Ollama has no model of its own choice, so "" is refused as a missing one is. */
export function parseRequiredModel(fields: Fields): ModelName & { readonly written: string } {
  const written = fields.requiredString("model", MAX_NAME);
  return { ...splitModelName(written), written };
}
