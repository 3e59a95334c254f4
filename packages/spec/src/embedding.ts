import { z } from "zod";

/** Texts or token ids to embed; one vector each, in order. */
export const EmbeddingRequest = z.object({
  id: z.string().min(1).max(128),
  model: z.string().min(1).max(256),
  inputs: z
    .array(z.union([z.string(), z.array(z.int().min(0)).min(1)]))
    .min(1)
    .max(2048),
  /** L2-normalise each vector. */
  normalize: z.boolean().default(true),
});
export type EmbeddingRequest = z.infer<typeof EmbeddingRequest>;

export interface EmbeddingResult {
  readonly model: string;
  /** One vector of n_embd floats per input. */
  readonly vectors: readonly (readonly number[])[];
  readonly promptTokens: number;
}

/** Scores each document against the query; only models with a ranking head can. */
export const RerankRequest = z.object({
  id: z.string().min(1).max(128),
  model: z.string().min(1).max(256),
  query: z.string().min(1),
  documents: z.array(z.string()).min(1).max(1024),
});
export type RerankRequest = z.infer<typeof RerankRequest>;

export interface RerankResult {
  readonly model: string;
  readonly scores: readonly number[];
  readonly promptTokens: number;
}
