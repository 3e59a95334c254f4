import { readFile } from "node:fs/promises";
import { ArrieroError } from "@arriero/spec";

/** Where a secret is found, never the secret itself. */
export type SecretReference = `env:${string}` | `file:${string}`;

/** The secret of the setting `key`, read anew at each use, so that a rotated one counts at once. Throws config_invalid. */
export async function readSecret(
  key: string,
  reference: SecretReference,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const name = reference.slice(reference.indexOf(":") + 1);
  const text = reference.startsWith("env:") ? environment[name] : await readFile(name, "utf8").catch(() => undefined);
  const secret = text?.trim() ?? "";
  if (secret === "") throw new ArrieroError("config_invalid", `${key}: ${reference} is not set or cannot be read.`);
  return secret;
}
