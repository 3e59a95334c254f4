import type { GenerationRequest, Sampling } from "./generation-request.ts";

/** Sampling as far as somebody named it: a caller, a model's publisher, or the habits of an API. */
export type AskedSampling = { readonly [K in keyof Sampling]?: Sampling[K] | undefined };

/**
 * A generation as its caller asked for it. What was left out is absent here and settled later: the model's own defaults
 * come before those of the API it was asked by.
 */
export type AskedGeneration = Omit<GenerationRequest, "sampling"> & { readonly sampling: AskedSampling };
