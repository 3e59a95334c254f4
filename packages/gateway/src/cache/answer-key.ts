import { createHash } from "node:crypto";
import type { GenerationRequest, ResidencyPolicy } from "@arriero/spec";

/** What an answer depends on, and whom it belongs to. */
export interface CacheQuestion {
  readonly request: GenerationRequest;
  /** Which file and adapter stand behind the model's name at the moment. */
  readonly identity: string;
  /** Organisation and key: nobody is given what another was answered. */
  readonly owner: string;
  /** The whole policy that binds the request: another one may not have let the answer be made where it was. */
  readonly residency: ResidencyPolicy;
}

/**
 * Two questions have one key just where their answers may stand for each other. Left out is what changes no token: ids, class,
 * fairness and continuation, and at temperature 0 the seed.
 */
export function answerKey({ identity, owner, request, residency }: CacheQuestion): string {
  const { client: _, id: __, priority: ___, resume: ____, wantPromptTokens: _____, ...asked } = request;
  const { seed, ...sampling } = asked.sampling;
  const drawn = sampling.temperature === 0 ? null : seed;
  const regions = residency.allowedRegions === null ? null : [...residency.allowedRegions].sort();
  const bound = { ...residency, allowedRegions: regions };
  const text = JSON.stringify([owner, identity, sorted(bound), sorted({ ...asked, sampling: { ...sampling, seed: drawn } })]);
  return createHash("sha256").update(text).digest("base64");
}

/** The same JSON whatever the order in which fields were set; undefined counts as absent. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, each]) => [name, sorted(each)]));
}
