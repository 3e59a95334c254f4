import { broken } from "../../backend/backend-faults.ts";
import { isObject } from "../../backend/json-object.ts";
import type { VendorSecret } from "../vendor-recipe.ts";

type GoogleAuthOptions = NonNullable<
  NonNullable<Parameters<typeof import("@ai-sdk/google-vertex")["createVertex"]>[0]>["googleAuthOptions"]
>;
type AuthClient = NonNullable<GoogleAuthOptions["authClient"]>;

/**
 * How to sign in at Google: with an account's JSON, with an access token that somebody else renews, or with what
 * Google's client finds in its surroundings (application default credentials).
 */
export function googleAccount(secret: VendorSecret): GoogleAuthOptions {
  if (secret.kind !== "key") return {};
  const { key } = secret;
  if (!key.startsWith("{")) return { authClient: { getAccessToken: async () => ({ token: key }) } as unknown as AuthClient };
  const credentials = parse(key);
  // `service_account`, `authorized_user` or `external_account`: Google's client knows what each needs.
  if (typeof credentials.type === "string") return { credentials };
  throw broken("backend_misconfigured", "The backend's credential is JSON, but not that of a Google account.");
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}
