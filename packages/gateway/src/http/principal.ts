import { DEFAULT_ORGANISATION, type KeyScope } from "@arriero/store";

/** Whom a request is charged to. `person`: signed in on the page. `local`: on this machine, without a key. `static-key`: a key of the configuration or the home. */
export interface Principal {
  readonly kind: "local" | "static-key" | "key" | "person";
  /** Shows nothing of the key. */
  readonly id: string;
  readonly organisation: string;
  readonly scopes: KeyScope;
}

const UNLIMITED: KeyScope = {
  models: null,
  requestsPerMinute: null,
  tokensPerMinute: null,
  tokensPerDay: null,
  budget: null,
  allowedRegions: null,
  dataClass: null,
  expiresAt: null,
};

export const LOCAL: Principal = { kind: "local", id: "local", organisation: DEFAULT_ORGANISATION, scopes: UNLIMITED };

/** The owner of a key that the server was configured with: nothing limits it. */
export const staticKey = (id: string): Principal => ({ ...LOCAL, kind: "static-key", id });

/** Whether this is who runs the server, by being on its machine or by one of its own keys. */
export const isOwner = ({ kind }: Principal): boolean => kind === "local" || kind === "static-key";

/**
 * Whether nothing but time limits the caller: the owner, or a key that was issued without any scope and belongs to no
 * organisation but this server's own.
 */
export function isUnscoped(principal: Principal): boolean {
  const { expiresAt: _, ...scope } = UNLIMITED;
  const names = Object.keys(scope) as (keyof typeof scope)[];
  if (isOwner(principal)) return true;
  return principal.organisation === DEFAULT_ORGANISATION && names.every((name) => principal.scopes[name] === null);
}
