import { broken } from "../backend/backend-faults.ts";
import { type CredentialRef, readCredential, resolveCredential } from "../backend/credential.ts";
import type { SdkVendor, VendorSecret } from "./vendor-recipe.ts";

/** Reads a vendor's secret where the configuration says it is. @throws UpstreamBroken with backend_misconfigured */
export async function resolveSecret(
  vendor: SdkVendor,
  ref: CredentialRef | null,
  environment?: NodeJS.ProcessEnv,
): Promise<VendorSecret> {
  if (ref === null) return { kind: "none" };
  // An account's JSON is no header's value.
  const read = vendor === "google-vertex" ? readCredential : resolveCredential;
  return { kind: "key", key: await read(ref, environment) };
}

export function keyOf(secret: VendorSecret): string {
  if (secret.kind === "key") return secret.key;
  throw broken("backend_misconfigured", "The backend has no API key.");
}
