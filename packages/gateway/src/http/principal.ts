import type { page } from "@arriero/spec";
import { DEFAULT_ORGANISATION, type KeyScope, UNLIMITED } from "@arriero/store";

/** Whom a request is charged to. `person`: signed in on the page. `local`: on this machine, without a key. `static-key`: a key of the configuration or the home. */
export interface Principal {
  readonly kind: "local" | "static-key" | "key" | "person";
  /** Shows nothing of the key. */
  readonly id: string;
  readonly organisation: string;
  readonly scopes: KeyScope;
  /** Whose key it is, who made it on the page or by `arriero login`; absent or null: nobody's in particular. */
  readonly personId?: string | null;
  /** What the store says of the organisation, where it knows it: binds all who are of it. */
  readonly rules?: page.OrganisationRules | null;
}

export const LOCAL: Principal = { kind: "local", id: "local", organisation: DEFAULT_ORGANISATION, scopes: UNLIMITED };

/** The owner of a key that the server was configured with: nothing limits it. */
export const staticKey = (id: string): Principal => ({ ...LOCAL, kind: "static-key", id });

/** Whether this is who runs the server, by being on its machine or by one of its own keys. */
export const isOwner = ({ kind }: Principal): boolean => kind === "local" || kind === "static-key";

/**
 * Whether nothing but time limits the caller: the owner, or a key that whoever runs the server issued without any scope, and that
 * belongs to no organisation but this server's own. A person's key is for using models, whatever its person may do on the page.
 */
export function isUnscoped(principal: Principal): boolean {
  const { expiresAt: _, ...scope } = UNLIMITED;
  const names = Object.keys(scope) as (keyof typeof scope)[];
  if (isOwner(principal)) return true;
  if (principal.personId != null) return false;
  return principal.organisation === DEFAULT_ORGANISATION && names.every((name) => principal.scopes[name] === null);
}
