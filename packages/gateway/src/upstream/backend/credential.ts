import { readFile } from "node:fs/promises";
import { broken } from "./backend-faults.ts";

/** Where a secret is found, never the secret itself: an environment variable or a file. */
export type CredentialRef = `env:${string}` | `file:${string}`;

/**
 * The secret, read anew for each request: a rotated one counts at once, and none is kept.
 * @throws UpstreamBroken with backend_misconfigured where it is not there
 */
export async function readCredential(ref: CredentialRef, environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  const name = ref.slice(ref.indexOf(":") + 1);
  return given(ref, ref.startsWith("env:") ? environment[name] : await readSecret(name));
}

/** Nothing has to be read for it. */
export const isAtHand = (ref: CredentialRef): boolean => ref.startsWith("env:");

/** The secret of one that is at hand. @throws as `resolveCredential` */
export function credentialNow(ref: CredentialRef, environment: NodeJS.ProcessEnv = process.env): string {
  return forHeader(ref, given(ref, environment[ref.slice(ref.indexOf(":") + 1)]));
}

/** The same for a secret that goes into a header. @throws UpstreamBroken also where it cannot be a header's value */
export async function resolveCredential(ref: CredentialRef, environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  return forHeader(ref, await readCredential(ref, environment));
}

function given(ref: CredentialRef, secret: string | undefined): string {
  if (secret !== undefined && secret.trim() !== "") return secret.trim();
  const name = ref.slice(ref.indexOf(":") + 1);
  throw broken("backend_misconfigured", `The backend's credential ${ref} is not set or cannot be read.`, {
    hint: `${ref.startsWith("env:") ? `Set the variable ${name} for the server` : `Put the secret into ${name}, readable for the server`}, or correct the backend's credential in arriero.yaml.`,
  });
}

function forHeader(ref: CredentialRef, secret: string): string {
  if (/^[\x21-\x7e]+$/.test(secret)) return secret;
  throw broken("backend_misconfigured", `The backend's credential ${ref} has characters that no header can carry.`);
}

async function readSecret(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}
