import type { page } from "@arriero/spec";
import type { KnownSubject } from "@arriero/store";
import type { ProviderSettings } from "./provider-settings.ts";

/** Who a provider says has come. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
  /** Lower case; null: the provider does not tell. */
  readonly email: string | null;
  /** The provider has seen that they read that address. */
  readonly emailVerified: boolean;
  readonly name: string;
}

/**
 * - `known`: their own sign-in
 * - `link`: from now on it is the sign-in of whoever has the address
 * - `new`: an account is made; `join`: and made a member of the first organisation, invited or not
 */
export type Entrance =
  | { readonly kind: "known" | "link"; readonly personId: string }
  | { readonly kind: "new"; readonly email: string; readonly join: boolean }
  | { readonly kind: "refused"; readonly why: page.SignInRefusal };

/**
 * Whether, and as whom, somebody comes in. An address says who somebody is only where both sides have proven it: at a
 * provider that lets people claim any address, whoever claims another's would else take over their account.
 */
export function decideEntrance(
  { email, emailVerified }: Identity,
  { domains, join, linkByEmail }: Pick<ProviderSettings, "domains" | "join" | "linkByEmail">,
  { byEmail, invited, personId }: KnownSubject,
): Entrance {
  if (personId !== null) return { kind: "known", personId };
  if (email === null || !emailVerified) return { kind: "refused", why: "unverified" };
  const domain = email.slice(email.lastIndexOf("@") + 1);
  if (domains.length > 0 && !domains.includes(domain)) return { kind: "refused", why: "not-invited" };
  if (byEmail !== null) {
    return byEmail.proven || linkByEmail ? { kind: "link", personId: byEmail.personId } : { kind: "refused", why: "taken" };
  }
  return invited || join ? { kind: "new", email, join: !invited } : { kind: "refused", why: "not-invited" };
}
