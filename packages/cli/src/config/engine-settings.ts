import type { Config } from "./config-schema.ts";

/** What every replica is told, in the engine's words. */
export function engineSettings({ engine, limits, logLevel }: Config) {
  return { ...engine, bodyBytes: limits.bodyBytes, drainMs: limits.drainMs, logLevel };
}
