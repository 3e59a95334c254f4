import { existsSync } from "node:fs";
import type { OpenStore } from "@arriero/gateway";
import type { Logger } from "pino";
import type { Config } from "../config/config-schema.ts";
import { isLoopback } from "../config/listen-address.ts";
import type { HomeFolder } from "../home/home-folder.ts";

interface StoreSources {
  readonly config: Pick<Config, "host" | "requireKey">;
  readonly home: Pick<HomeFolder, "data">;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Logger;
}

/**
 * How a server opens its store; undefined where it has none. Whoever only tries a model out on this machine gets no
 * database: one is wanted where a Postgres is named, where callers need keys, or where it was made before.
 */
export function storeOpener({ config, env, home, log }: StoreSources): OpenStore | undefined {
  const url = env.DATABASE_URL;
  const wanted = url || config.requireKey || !isLoopback(config.host) || existsSync(home.data);
  if (!wanted) return undefined;
  return async () => {
    // Loaded after the server listens: its start must not wait for a database's driver.
    const { openStore } = await import("@arriero/store");
    return openStore({
      ...(url ? { url } : { folder: home.data }),
      log: ({ level, message }) => log[level](message),
    });
  };
}
