import type { EmbeddingRequest, EmbeddingResult } from "@arriero/spec";
import { malformed } from "./backend-faults.ts";

/** Vectors as a backend sent them, checked: one for each input, in order, all of one length and finite. */
export function embeddingResult(request: EmbeddingRequest, vectors: readonly unknown[], promptTokens: number): EmbeddingResult {
  if (vectors.length !== request.inputs.length) throw malformed(`${vectors.length} vectors for ${request.inputs.length} inputs`);
  const checked = vectors.map(vectorOf);
  const length = checked[0]?.length;
  if (checked.some((vector) => vector.length !== length)) throw malformed("vectors of different lengths");
  return { model: request.model, vectors: request.normalize ? checked.map(normalized) : checked, promptTokens };
}

function vectorOf(value: unknown): readonly number[] {
  if (!Array.isArray(value) || value.length === 0 || !value.every((each) => Number.isFinite(each))) {
    throw malformed("a vector that is no list of numbers");
  }
  return value;
}

function normalized(vector: readonly number[]): readonly number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((each) => each / length);
}
