import type { DataClass, ResidencyPolicy } from "@arriero/spec";

export interface PromptLogging {
  /** Off by default. */
  readonly prompts: boolean;
  /** Data classes whose prompts are written, too; of others that are guarded none is. */
  readonly dataClasses: readonly DataClass[];
}

/**
 * Whether the log may have a request's words: it rests on this server, so bytes that may not rest here are never in it, and
 * what a policy guards by its class only where that class is named.
 */
export function mayLogWords({ dataClass }: ResidencyPolicy, mayRest: boolean, { dataClasses, prompts }: PromptLogging): boolean {
  if (!prompts || !mayRest) return false;
  return dataClass === null || dataClass === "public" || dataClasses.includes(dataClass);
}
