import type { page } from "@arriero/spec";
import type { DatabaseAttachments } from "./chats/attachments.ts";
import type { DatabaseConversations } from "./chats/conversations.ts";
import type { DatabaseLibrary } from "./chats/library.ts";
import type { DatabaseMessages } from "./chats/messages.ts";
import type { DatabaseShares } from "./chats/shares.ts";
import type { Clock } from "./clock.ts";
import type { Page, PageAsked } from "./database/cursor.ts";
import type { DatabaseGenerations } from "./generations/generations.ts";
import type { KeyStore } from "./keys/key-store.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { LedgerLimits } from "./ledger/ledger-limits.ts";
import type { DatabaseAudit } from "./people/audit.ts";
import type { AuthDatabase } from "./people/auth-tables.ts";
import type { DatabaseDevices } from "./people/devices.ts";
import type { DatabaseOrganisations } from "./people/organisations.ts";
import type { DatabasePeople } from "./people/people.ts";
import type { DatabaseSignIns } from "./people/sign-ins.ts";
import type { Owner } from "./people/standing.ts";
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

/** What people have: each part takes whose it is, and asks for it in its query. */
export interface PeopleStore {
  readonly kind: "embedded" | "postgres";
  readonly keys: KeyStore;
  readonly auth: AuthDatabase;
  readonly people: DatabasePeople;
  readonly signIns: DatabaseSignIns;
  readonly devices: DatabaseDevices;
  readonly organisations: DatabaseOrganisations;
  readonly audit: DatabaseAudit;
  readonly conversations: DatabaseConversations;
  readonly messages: DatabaseMessages;
  readonly attachments: DatabaseAttachments;
  readonly library: DatabaseLibrary;
  readonly shares: DatabaseShares;
  readonly generations: DatabaseGenerations;
  search(owner: Owner, asked: PageAsked & { readonly q: string }): Promise<Page<page.SearchHit>>;
  export(owner: Owner, conversationId: string | null): Promise<page.Exported>;
  import(owner: Owner, told: page.Exported): Promise<{ conversations: number; messages: number }>;
}

export interface Store {
  readonly keys: KeyStore;
  readonly ledger: Ledger;
  readonly pages: PeopleStore;
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
