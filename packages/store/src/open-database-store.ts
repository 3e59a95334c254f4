import { type Clock, systemClock } from "./clock.ts";
import { connect, unavailable } from "./database/database.ts";
import { migrate } from "./database/migrate.ts";
import { connectEmbedded } from "./embedded/connect-embedded.ts";
import { DatabaseKeys } from "./keys/key-store.ts";
import { DatabaseLedger } from "./ledger/ledger.ts";
import type { Store, StoreOptions } from "./open-store.ts";

/** `openStore`, with the database's code loaded. */
export async function openDatabaseStore(options: StoreOptions): Promise<Store> {
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
