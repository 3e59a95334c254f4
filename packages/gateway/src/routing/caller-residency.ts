import type { ResidencyPolicy } from "@arriero/spec";
import type { KeyScope } from "@arriero/store";
import type { Principal } from "../http/principal.ts";
import { DATA_CLASS_NAME, type HeaderLines, REGIONS_NAME, residencyOfHeaders } from "./asked-residency.ts";
import { keyResidency } from "./key-residency.ts";
import { combineResidency } from "./residency.ts";

/** Policies of organisations, by name. One that is not named has none of its own. */
export type OrganisationPolicies = ReadonlyMap<string, ResidencyPolicy>;

/** As much of a request as says where its bytes may go. `headersDistinct` is made when it is asked for, from all lines. */
export interface ResidencyHeaders {
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly headersDistinct: HeaderLines;
}

interface Granted {
  readonly organisation: ResidencyPolicy | undefined;
  readonly stored: ResidencyPolicy | undefined;
  readonly policy: ResidencyPolicy;
}

/** By scopes, which are one object for all requests of a key as long as it is remembered. */
const GRANTED = new WeakMap<KeyScope, Granted>();

const NO_HEADERS: ResidencyHeaders = { headers: {}, headersDistinct: {} };

/** What a request's organisation (in the configuration and in the store), key and header fields say together. Throws invalid_request. */
export function callerResidency(
  { organisation, rules, scopes }: Principal,
  organisations: OrganisationPolicies,
  request: ResidencyHeaders = NO_HEADERS,
): ResidencyPolicy {
  const granted = grantedResidency(organisations.get(organisation), rules?.residency, scopes);
  const { headers } = request;
  if (headers[REGIONS_NAME] === undefined && headers[DATA_CLASS_NAME] === undefined) return granted;
  return combineResidency([granted], residencyOfHeaders(request.headersDistinct));
}

function grantedResidency(
  organisation: ResidencyPolicy | undefined,
  stored: ResidencyPolicy | undefined,
  scopes: KeyScope,
): ResidencyPolicy {
  const known = GRANTED.get(scopes);
  if (known !== undefined && known.organisation === organisation && known.stored === stored) return known.policy;
  const policy = combineResidency([organisation, stored, keyResidency(scopes)].flatMap((layer) => layer ?? []));
  GRANTED.set(scopes, { organisation, stored, policy });
  return policy;
}
