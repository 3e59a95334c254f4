import { ArrieroError, type GenerationRequest } from "@arriero/spec";
import { allowsModel } from "@arriero/store";

/** What a caller says by `arriero-cache`; null: nothing. */
export type CacheAsked = "use" | "off" | null;

/** What the answer's `arriero-cache` says. `bypass`: it was asked for, and the request is not one that can be kept. */
export type CacheOutcome = "hit" | "miss" | "bypass";

export const CACHE_HEADER = "arriero-cache";

/** Throws invalid_request. */
export function cacheAsked(header: string | string[] | undefined): CacheAsked {
  if (header === undefined) return null;
  if (header === "use" || header === "off") return header;
  throw new ArrieroError("invalid_request", `${CACHE_HEADER} must be use or off.`, { param: CACHE_HEADER });
}

/** Whether the cache is to be used: the caller's word, and where it says nothing, whether the model is among those configured. */
export function isCacheWanted(asked: CacheAsked, models: readonly string[], model: string, adapter: string | null): boolean {
  if (asked !== null) return asked === "use";
  return models.length > 0 && allowsModel({ models }, adapter === null ? model : `${model}+${adapter}`);
}

/** Whether asking again would give the same tokens. @param seeded the seed was named, not drawn */
export function isDeterministic({ resume, sampling }: GenerationRequest, seeded: boolean): boolean {
  return resume === null && (sampling.temperature === 0 || seeded);
}
