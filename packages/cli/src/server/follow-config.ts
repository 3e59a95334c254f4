import { existsSync } from "node:fs";
import { ArrieroError } from "@arriero/spec";
import type { Logger } from "pino";
import type { Config } from "../config/config-schema.ts";
import { configPlaces, loadConfig } from "../config/load-config.ts";
import { watchFiles } from "../config/watch-files.ts";
import type { HomeFolder } from "../home/home-folder.ts";
import { ConfigReload } from "./config-reload.ts";
import type { RunningServer } from "./start-server.ts";

interface FollowOptions {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: HomeFolder;
  /** What the server was started with. */
  readonly config: Config;
  readonly server: Pick<RunningServer, "reload">;
  readonly log: Logger;
}

/** Keeps a server in step with its configuration file, until `close`. Flags and variables go on standing over the file. */
export function followConfig({ config, env, flags, home, log, server }: FollowOptions) {
  const places = configPlaces(flags, env, home);
  const isThere = () => places.some((path) => existsSync(path));
  const hadFile = isThere();
  const reload = new ConfigReload({
    config,
    async read() {
      // Without its file the server would go back to all defaults, which nobody asked for.
      if (hadFile && !isThere()) throw new ArrieroError("config_invalid", "The configuration file is gone.");
      return loadConfig(flags, env, home);
    },
    takeOver: (changes) => server.reload(changes),
    log,
  });
  const close = watchFiles(places, () => void reload.ask("the file changed"));
  return { reload: () => void reload.ask("SIGHUP"), close };
}
