import type { ResidencyPolicy } from "@arriero/spec";
import type { Principal } from "../http/principal.ts";
import { type HeaderLines, residencyOfHeaders } from "./asked-residency.ts";
import { keyResidency } from "./key-residency.ts";
import { combineResidency } from "./residency.ts";

/** Policies of organisations, by name. One that is not named has none of its own. */
export type OrganisationPolicies = ReadonlyMap<string, ResidencyPolicy>;

/** What a request's organisation, key and header fields say together. Throws invalid_request. */
export function callerResidency(
  { organisation, scopes }: Principal,
  organisations: OrganisationPolicies,
  headers: HeaderLines,
): ResidencyPolicy {
  const own = organisations.get(organisation);
  const key = keyResidency(scopes);
  return combineResidency(own === undefined ? [key] : [own, key], residencyOfHeaders(headers));
}
