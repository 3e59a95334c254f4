import { ArrieroError } from "@arriero/spec";
import type { Logger } from "pino";
import { type ConfigChanges, configChanges } from "../config/config-changes.ts";
import type { Config } from "../config/config-schema.ts";

export interface ConfigReloadOptions {
  /** The configuration the server runs with. */
  readonly config: Config;
  /** Reads it anew. Throws config_invalid. */
  read(): Promise<Config>;
  /** Hands over what `changes` finds; null is nothing. Throws what the server has against it. */
  takeOver(changes: () => Promise<Config | null>): Promise<void>;
  readonly log: Logger;
}

/** Reads the configuration anew when asked, one time after the other; what is wrong with it is logged and changes nothing. */
export class ConfigReload {
  readonly #options: ConfigReloadOptions;
  #config: Config;
  #running: Promise<void> | null = null;
  #again = false;

  constructor(options: ConfigReloadOptions) {
    this.#options = options;
    this.#config = options.config;
  }

  /** @param why what made the server look, for the log */
  ask(why: string): Promise<void> {
    // Whoever asks while a file is being read may mean what was written since.
    this.#again = this.#running !== null;
    this.#running ??= this.#reload(why).finally(() => {
      this.#running = null;
      if (this.#again) void this.ask(why);
    });
    return this.#running;
  }

  async #reload(why: string): Promise<void> {
    const { log, read, takeOver } = this.#options;
    let found: ConfigChanges | null = null;
    try {
      await takeOver(async () => {
        found = configChanges(this.#config, await read());
        return found.live.length === 0 ? null : found.config;
      });
    } catch (thrown) {
      const { code, message } = ArrieroError.wrap(thrown);
      log.error({ why, code, message }, `the changed configuration is refused, the old one stays: ${message}`);
      return;
    }
    const { afterRestart, config, live } = found!;
    this.#config = config;
    if (live.length > 0) {
      log.level = config.logLevel;
      log.info({ why, changed: live }, "the configuration was read again");
    }
    if (afterRestart.length > 0) {
      log.warn({ why, afterRestart }, `changed in the configuration, but only after a restart: ${afterRestart.join(", ")}`);
    } else if (live.length === 0) log.info({ why }, "the configuration was read again and is the same");
  }
}
