import { ArrieroError, type EmbeddingResult } from "@arriero/spec";
import type { EmbeddingsPresentation } from "./parse.ts";

export interface EmbeddingsAnswer {
  readonly object: "list";
  readonly data: readonly {
    readonly object: "embedding";
    readonly index: number;
    /** Floats, or base64 of little-endian float32. */
    readonly embedding: readonly number[] | string;
  }[];
  readonly model: string;
  readonly usage: { readonly prompt_tokens: number; readonly total_tokens: number };
}

/** Throws `invalid_request` when more dimensions are asked for than the model has. */
export function formatEmbeddings(result: EmbeddingResult, presentation: EmbeddingsPresentation): EmbeddingsAnswer {
  const { model, encoding, dimensions } = presentation;
  return {
    object: "list",
    data: result.vectors.map((whole, index) => {
      const vector = dimensions === null ? whole : shorten(whole, dimensions);
      return { object: "embedding", index, embedding: encoding === "base64" ? toBase64(vector) : vector };
    }),
    model,
    usage: { prompt_tokens: result.promptTokens, total_tokens: result.promptTokens },
  };
}

/**
 * The leading components at unit length. Sound for models trained for it (Matryoshka representation learning,
 * Kusupati et al. 2022); a GGUF does not say whether it was, so the caller who asks for it decides.
 */
function shorten(vector: readonly number[], dimensions: number): number[] {
  if (dimensions > vector.length) {
    const message = `dimensions must be at most ${vector.length}, the length of this model's vectors, but is ${dimensions}.`;
    throw new ArrieroError("invalid_request", message, { param: "dimensions" });
  }
  const kept = vector.slice(0, dimensions);
  const length = Math.hypot(...kept);
  return length === 0 ? kept : kept.map((component) => component / length);
}

function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.allocUnsafe(vector.length * 4);
  vector.forEach((component, i) => {
    bytes.writeFloatLE(component, i * 4);
  });
  return bytes.toString("base64");
}
