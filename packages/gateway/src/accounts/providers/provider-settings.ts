import type { SecretReference } from "../../settings-secret.ts";

/** An OpenID Connect provider that people sign in by. */
export interface ProviderSettings {
  /** In addresses: `/api/auth/callback/ID` is where the provider sends people back to. */
  readonly id: string;
  /** As the page names it. */
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  /** null: a public client, which proves itself by PKCE alone. */
  readonly clientSecret: SecretReference | null;
  /** Who signs in there with an address that has an account here is that person, though they never proved the address here. */
  readonly linkByEmail: boolean;
  /** Who is not invited becomes a member of the first organisation. */
  readonly join: boolean;
  /** Only addresses of these domains; empty: of any. */
  readonly domains: readonly string[];
}
