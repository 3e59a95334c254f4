import type { EmbeddingResult } from "@arriero/spec";
import { shortenVector } from "../../shorten-vector.ts";
import type { AnswerClock } from "../context.ts";
import { nanoseconds } from "../done.ts";
import type { ParsedEmbed } from "./parse.ts";

export interface EmbedAnswer {
  readonly model: string;
  readonly embeddings: readonly (readonly number[])[];
  readonly total_duration: number;
  readonly load_duration: number;
  readonly prompt_eval_count: number;
}

/** `result` is null where there was nothing to embed. Throws `invalid_request` on more dimensions than there are. */
export function formatEmbed(
  result: EmbeddingResult | null,
  { dimensions, model }: Pick<ParsedEmbed, "dimensions" | "model">,
  clock: AnswerClock,
): EmbedAnswer {
  const vectors = result?.vectors ?? [];
  return {
    model,
    embeddings: dimensions === null ? vectors : vectors.map((vector) => shortenVector(vector, dimensions)),
    total_duration: nanoseconds(clock.now() - clock.startedAt),
    load_duration: 0,
    prompt_eval_count: result?.promptTokens ?? 0,
  };
}

export function formatLegacyEmbed(result: EmbeddingResult | null): { readonly embedding: readonly number[] } {
  return { embedding: result?.vectors[0] ?? [] };
}
