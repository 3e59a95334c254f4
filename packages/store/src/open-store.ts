import { type Clock, systemClock } from "./clock.ts";
import { type Connection, connect, target, unavailable } from "./database/database.ts";
import { migrate } from "./database/migrate.ts";
import { findEmbedded } from "./embedded/find-embedded.ts";
import { DatabaseKeys, type KeyStore } from "./keys/key-store.ts";
import { DatabaseLedger, type Ledger } from "./ledger/ledger.ts";
import type { LedgerLimits } from "./ledger/ledger-limits.ts";
import type { StoreLog } from "./store-log.ts";

export type StoreOptions = StorePlace & {
  readonly clock?: Clock;
  readonly log?: StoreLog;
  readonly ledger?: Partial<LedgerLimits>;
  /** Script of the embedded database's process; only tests name another. */
  readonly embeddedEntry?: string;
};

/** A Postgres by URL, or the embedded one in a folder on this machine. */
export type StorePlace = { readonly url: string } | { readonly folder: string };

export interface Store {
  readonly keys: KeyStore;
  readonly ledger: Ledger;
  /** Writes what is left. Rejects with store_unavailable when that failed; all is closed all the same. Idempotent. */
  close(): Promise<void>;
}

/** Opens the store, brought up to date. Throws store_unavailable, or config_invalid for a database of another version. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { clock = systemClock, log = () => undefined } = options;
  const connection = "url" in options ? connect({ kind: "url", url: options.url }, log) : await embedded(options, clock, log);
  try {
    for (const name of await migrate(connection.database)) log({ level: "info", message: `the database has had ${name}` });
  } catch (thrown) {
    await connection.pool.end();
    throw unavailable(thrown);
  }
  const ledger = new DatabaseLedger(connection.database, { clock, log, ...(options.ledger ? { limits: options.ledger } : {}) });
  let closing: Promise<void> | null = null;
  return {
    keys: new DatabaseKeys(connection.database, clock),
    ledger,
    close() {
      closing ??= ledger.close().finally(() => connection.pool.end());
      return closing;
    },
  };
}

/** When the process behind the connections dies, the next connection is to the next one. */
async function embedded(
  options: { readonly folder: string; readonly embeddedEntry?: string },
  clock: Clock,
  log: StoreLog,
): Promise<Connection> {
  const find = () =>
    findEmbedded({ folder: options.folder, clock, ...(options.embeddedEntry ? { entry: options.embeddedEntry } : {}) });
  const connection = connect({ kind: "local", ...(await find()) }, log);
  let isFinding = false;
  connection.pool.on("remove", () => {
    if (connection.pool.ending || isFinding) return;
    isFinding = true;
    void find()
      .then((address) => void Object.assign(connection.pool.options, target({ kind: "local", ...address })))
      .catch((thrown) => log({ level: "error", message: unavailable(thrown).message }))
      .finally(() => {
        isFinding = false;
      });
  });
  return connection;
}
