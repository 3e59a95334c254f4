import type { Clock } from "@arriero/fleet";
import { ArrieroError } from "@arriero/spec";
import { type HeldKey, keyState } from "@arriero/store";
import { LOCAL, type Principal, staticKey } from "../http/principal.ts";
import type { BatchRecord } from "./batch-record.ts";

/** How long what was read of a key is believed, as for requests. */
const BELIEVED_MS = 30_000;
const MOST_KEYS = 1_000;

export interface BatchOwnersOptions {
  readonly clock: Pick<Clock, "now">;
  /** A key by its id; null where there is none. Throws store_unavailable. */
  loadKey(id: string): Promise<HeldKey | null>;
}

/** Whom lines of batches are charged to. A key is read again and again, since it may end before its batch does. */
export class BatchOwners {
  readonly #options: BatchOwnersOptions;
  readonly #keys = new Map<string, { readonly key: HeldKey | null; readonly until: number }>();

  constructor(options: BatchOwnersOptions) {
    this.#options = options;
  }

  /** Throws key_expired, key_revoked or store_unavailable. */
  async find({ id, kind }: BatchRecord["owner"]): Promise<Principal> {
    switch (kind) {
      case "local":
        return LOCAL;
      case "static-key":
        return staticKey(id);
      case "key":
        return this.#principal(id);
      case "person":
        throw new ArrieroError("forbidden", "Batches are charged to keys: the page makes none.");
      default:
        return kind satisfies never;
    }
  }

  async #principal(id: string): Promise<Principal> {
    const now = this.#options.clock.now();
    let known = this.#keys.get(id);
    if (known === undefined || known.until <= now) {
      known = { key: await this.#options.loadKey(id), until: now + BELIEVED_MS };
      if (this.#keys.size >= MOST_KEYS) this.#keys.clear();
      this.#keys.set(id, known);
    }
    const { key } = known;
    const state = key === null ? "revoked" : keyState(key, now);
    if (key !== null && state === "active") {
      return { kind: "key", id, organisation: key.organisationId, scopes: key, rules: key.rules ?? null };
    }
    throw new ArrieroError(state === "expired" ? "key_expired" : "key_revoked", `The key ${id} that made the batch has ended.`);
  }
}
