import { isDeepStrictEqual } from "node:util";
import type { Config } from "./config-schema.ts";
import { SETTINGS } from "./setting.ts";

/** Keys that a running server takes over, with all below them. */
const LIVE = ["models", "residency", "organizations", "prices", "limits", "cache", "logLevel"];
/** Below those, what the replicas were told when they started. */
const FIXED = ["limits.bodyBytes", "limits.drainMs"];

export interface ConfigChanges {
  /** The old configuration with what can be taken over from the new one. */
  readonly config: Config;
  /** Keys that changed and are taken over. */
  readonly live: readonly string[];
  /** Keys that changed and stay as they are until a restart. */
  readonly afterRestart: readonly string[];
}

type Tree = Record<string, unknown>;

const at = (tree: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((node, step) => (node as Tree | undefined)?.[step], tree);

/** What `after` changes in a server that runs with `before`. */
export function configChanges(before: Config, after: Config): ConfigChanges {
  const config = structuredClone(before);
  const live: string[] = [];
  const afterRestart: string[] = [];
  for (const { key, path } of SETTINGS) {
    const value = at(after, path);
    if (isDeepStrictEqual(at(before, path), value)) continue;
    if (FIXED.includes(key) || !LIVE.includes(path[0]!)) {
      afterRestart.push(key);
      continue;
    }
    live.push(key);
    (at(config, path.slice(0, -1)) as Tree)[path.at(-1)!] = value;
  }
  return { config, live, afterRestart };
}
