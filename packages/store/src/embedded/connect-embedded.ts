import { ArrieroError } from "@arriero/spec";
import pg from "pg";
import type { Clock } from "../clock.ts";
import { type Connection, connect } from "../database/database.ts";
import type { StoreLog } from "../store-log.ts";
import type { EmbeddedAddress } from "./embedded-address.ts";
import { type EmbeddedOptions, findEmbedded } from "./find-embedded.ts";

/** A connection waits so long for a process that is being started; the next one finds it. Less than the pool waits. */
const FIND_MS = 8_000;

/** Connections to the process that has the folder's database open. Throws store_unavailable. */
export async function connectEmbedded(options: EmbeddedOptions, log: StoreLog): Promise<Connection> {
  let finding: Promise<EmbeddedAddress> | null = null;
  const find = (): Promise<EmbeddedAddress> => {
    finding ??= findEmbedded(options).finally(() => {
      finding = null;
    });
    return finding;
  };
  return connect({ kind: "local", ...(await find()) }, log, finder(find, options.clock));
}

/** As `pg` declares it. */
type Connected = ((error: Error) => void) | ((error: null, client: pg.Client) => void);

/**
 * A client that asks where the database is each time it connects: the process may have died since the last one, and a
 * new one is elsewhere.
 */
function finder(find: () => Promise<EmbeddedAddress>, clock: Clock): typeof pg.Client {
  return class extends pg.Client {
    override connect(): Promise<pg.Client>;
    override connect(callback: Connected): void;
    override connect(callback?: Connected): Promise<pg.Client> | undefined {
      if (callback === undefined) return this.#find().then(() => super.connect());
      this.#find().then(() => super.connect(callback), callback as (error: Error) => void);
      return undefined;
    }

    async #find(): Promise<void> {
      let cancel = (): void => undefined;
      const late = new Promise<never>((_, reject) => {
        const error = new ArrieroError("store_unavailable", "The embedded database is being started.");
        cancel = clock.after(FIND_MS, () => reject(error));
      });
      const { password, port } = await Promise.race([find(), late]).finally(() => cancel());
      Object.assign(this, { port, password });
    }
  };
}
