import { ArrieroError } from "@arriero/spec";

/**
 * The leading components at unit length. Sound for models trained for it (Matryoshka representation learning,
 * Kusupati et al. 2022); a GGUF does not say whether it was, so the caller who asks for it decides.
 * Throws `invalid_request` when more dimensions are asked for than the model has.
 */
export function shortenVector(vector: readonly number[], dimensions: number): number[] {
  if (dimensions > vector.length) {
    const message = `dimensions must be at most ${vector.length}, the length of this model's vectors, but is ${dimensions}.`;
    throw new ArrieroError("invalid_request", message, { param: "dimensions" });
  }
  const kept = vector.slice(0, dimensions);
  const length = Math.hypot(...kept);
  return length === 0 ? kept : kept.map((component) => component / length);
}
