import { DatabaseAttachments } from "./chats/attachments.ts";
import { DatabaseConversations } from "./chats/conversations.ts";
import { DatabaseLibrary } from "./chats/library.ts";
import { DatabaseMessages } from "./chats/messages.ts";
import { search } from "./chats/search.ts";
import { DatabaseShares } from "./chats/shares.ts";
import { exportChats, importChats } from "./chats/transfer.ts";
import { type Clock, systemClock } from "./clock.ts";
import { connect, type Database, unavailable } from "./database/database.ts";
import { migrate } from "./database/migrate.ts";
import { connectEmbedded } from "./embedded/connect-embedded.ts";
import { DatabaseGenerations } from "./generations/generations.ts";
import { DatabaseKeys } from "./keys/key-store.ts";
import { DatabaseLedger } from "./ledger/ledger.ts";
import type { PeopleStore, Store, StoreOptions } from "./open-store.ts";
import { DatabaseAudit } from "./people/audit.ts";
import { authTables } from "./people/auth-tables.ts";
import { DatabaseDevices } from "./people/devices.ts";
import { DatabaseOrganisations } from "./people/organisations.ts";
import { DatabasePeople } from "./people/people.ts";
import { DatabaseSignIns } from "./people/sign-ins.ts";

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
    pages: peopleStore(connection.database, clock, "url" in options ? "postgres" : "embedded"),
    keys: new DatabaseKeys(connection.database, clock),
    ledger,
    close() {
      closing ??= ledger.close().finally(() => connection.close(clock));
      return closing;
    },
  };
}

/** What people have in `database`. */
export function peopleStore(database: Database, clock: Clock, kind: PeopleStore["kind"]): PeopleStore {
  return {
    kind,
    keys: new DatabaseKeys(database, clock),
    auth: { database, tables: authTables },
    people: new DatabasePeople(database, clock),
    signIns: new DatabaseSignIns(database, clock),
    devices: new DatabaseDevices(database, clock),
    organisations: new DatabaseOrganisations(database, clock),
    audit: new DatabaseAudit(database, clock),
    conversations: new DatabaseConversations(database, clock),
    messages: new DatabaseMessages(database, clock),
    attachments: new DatabaseAttachments(database, clock),
    library: new DatabaseLibrary(database, clock),
    shares: new DatabaseShares(database, clock),
    generations: new DatabaseGenerations(database, clock),
    search: (owner, asked) => search(database, owner, asked),
    export: (owner, conversationId) => exportChats(database, owner, conversationId),
    import: (owner, told) => importChats(database, clock, owner, told),
  };
}

function embeddedOptions({ embeddedEntry, folder }: { readonly folder: string; readonly embeddedEntry?: string }, clock: Clock) {
  return { folder, clock, ...(embeddedEntry === undefined ? {} : { entry: embeddedEntry }) };
}
