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

export interface StoreOpener {
  readonly open: OpenStore;
  /** Not before somebody opens the page. */
  readonly onDemand: boolean;
}

/**
 * How a server opens its store. Whoever only tries a model out on this machine gets no database until they open the page:
 * one is wanted at once where a Postgres is named, where callers need keys, or where it was made before.
 */
export function storeOpener({ config, env, home, log }: StoreSources): StoreOpener {
  const url = env.DATABASE_URL;
  const wanted = url || config.requireKey || !isLoopback(config.host) || existsSync(home.data);
  return {
    onDemand: !wanted,
    async open() {
      // Loaded after the server listens: its start must not wait for a database's driver.
      const { openStore } = await import("@arriero/store");
      return openStore({
        ...(url ? { url } : { folder: home.data }),
        log: ({ level, message }) => log[level](message),
      });
    },
  };
}
