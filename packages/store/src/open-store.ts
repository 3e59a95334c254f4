import type { Clock } from "./clock.ts";
import type { KeyStore } from "./keys/key-store.ts";
import type { Ledger } from "./ledger/ledger.ts";
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

/**
 * Opens the store, brought up to date. Throws store_unavailable, or config_invalid for a database of another version.
 * The database's code is loaded only here: a server without a store starts without it.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { openDatabaseStore } = await import("./open-database-store.ts");
  return openDatabaseStore(options);
}
