import { accessSync, constants } from "node:fs";
import type { Config } from "./config-schema.ts";
import type { ConfigProblem } from "./yaml-source.ts";

/**
 * The credentials that backends name and that are not found here. No fault of the configuration: the server may run
 * elsewhere, with other variables. The AWS chain is not asked: it may ask the network.
 */
export function missingCredentials(models: Config["models"], env: Readonly<Record<string, string | undefined>>): ConfigProblem[] {
  return Object.entries(models).flatMap(([model, { backends }]) =>
    backends.flatMap(({ credential }, index): ConfigProblem[] => {
      const missing = credential === null ? null : absence(credential, env);
      return missing === null ? [] : [{ where: `models.${model}.backends[${index}].credential`, message: missing }];
    }),
  );
}

function absence(credential: string, env: Readonly<Record<string, string | undefined>>): string | null {
  const name = credential.slice(credential.indexOf(":") + 1);
  if (credential.startsWith("env:")) {
    return env[name]?.trim() ? null : `The variable ${name} is not set here; the server needs it to ask this backend.`;
  }
  if (!credential.startsWith("file:")) return null;
  try {
    accessSync(name, constants.R_OK);
    return null;
  } catch {
    return `The file ${name} cannot be read here; the server needs it to ask this backend.`;
  }
}
