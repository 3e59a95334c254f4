import type { PeopleStore, Store } from "@arriero/store";

/** The store, as far as the gateway uses it. */
export interface GatewayStore {
  readonly keys: Pick<Store["keys"], "find" | "get">;
  readonly ledger: Pick<Store["ledger"], "start" | "tryBegin" | "begin" | "byDay" | "spend">;
  /** What people have; absent in stores of keys alone. */
  readonly pages?: PeopleStore;
  close(): Promise<void>;
}

/** Opens the store. Rejects with store_unavailable, and may be called again. */
export type OpenStore = () => Promise<GatewayStore>;
