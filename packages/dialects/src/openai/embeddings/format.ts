import type { EmbeddingResult } from "@arriero/spec";
import { shortenVector } from "../../shorten-vector.ts";
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
      const vector = dimensions === null ? whole : shortenVector(whole, dimensions);
      return { object: "embedding", index, embedding: encoding === "base64" ? toBase64(vector) : vector };
    }),
    model,
    usage: { prompt_tokens: result.promptTokens, total_tokens: result.promptTokens },
  };
}

function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.allocUnsafe(vector.length * 4);
  vector.forEach((component, i) => {
    bytes.writeFloatLE(component, i * 4);
  });
  return bytes.toString("base64");
}
