import { type Clock, systemClock } from "./clock.ts";
import { connect, unavailable } from "./database/database.ts";
import { migrate } from "./database/migrate.ts";
import { connectEmbedded } from "./embedded/connect-embedded.ts";
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
  const connection =
    "url" in options
      ? connect({ kind: "url", url: options.url }, log)
      : await connectEmbedded(embeddedOptions(options, clock), log);
  try {
    for (const name of await migrate(connection.database)) log({ level: "info", message: `the database has had ${name}` });
  } catch (thrown) {
    await connection.close(clock);
    throw unavailable(thrown);
  }
  const ledger = new DatabaseLedger(connection.database, { clock, log, ...(options.ledger ? { limits: options.ledger } : {}) });
  let closing: Promise<void> | null = null;
  return {
    keys: new DatabaseKeys(connection.database, clock),
    ledger,
    close() {
      closing ??= ledger.close().finally(() => connection.close(clock));
      return closing;
    },
  };
}

function embeddedOptions({ embeddedEntry, folder }: { readonly folder: string; readonly embeddedEntry?: string }, clock: Clock) {
  return { folder, clock, ...(embeddedEntry === undefined ? {} : { entry: embeddedEntry }) };
}
