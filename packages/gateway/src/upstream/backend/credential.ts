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
  const secret = ref.startsWith("env:") ? environment[name] : await readSecret(name);
  if (secret === undefined || secret.trim() === "") {
    throw broken("backend_misconfigured", `The backend's credential ${ref} is not set or cannot be read.`, {
      hint: `${ref.startsWith("env:") ? `Set the variable ${name} for the server` : `Put the secret into ${name}, readable for the server`}, or correct the backend's credential in arriero.yaml.`,
    });
  }
  return secret.trim();
}

/** The same for a secret that goes into a header. @throws UpstreamBroken also where it cannot be a header's value */
export async function resolveCredential(ref: CredentialRef, environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  const secret = await readCredential(ref, environment);
  if (!/^[\x21-\x7e]+$/.test(secret)) {
    throw broken("backend_misconfigured", `The backend's credential ${ref} has characters that no header can carry.`);
  }
  return secret;
}

async function readSecret(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}
