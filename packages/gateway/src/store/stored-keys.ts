import type { Clock } from "@arriero/fleet";
import { ArrieroError } from "@arriero/spec";
import { digestOfKey, type HeldKey, isKeyShaped, KeyCache, keyState } from "@arriero/store";
import type { KeySource } from "../http/key-source.ts";
import type { Principal } from "../http/principal.ts";
import type { StoreDoor } from "./store-door.ts";

export interface StoredKeysOptions {
  readonly store: Pick<StoreDoor, "ask" | "isAwake" | "whenKeysEnd">;
  readonly clock: Pick<Clock, "now">;
}

/** Issued keys. What was asked lately is at hand: a key that another process revokes may live so much longer. */
export class StoredKeys implements KeySource {
  readonly #cache: KeyCache;
  readonly #clock: Pick<Clock, "now">;

  readonly #isAwake: () => boolean;

  constructor({ clock, store }: StoredKeysOptions) {
    this.#isAwake = () => store.isAwake;
    this.#clock = clock;
    this.#cache = new KeyCache({ load: (digest) => store.ask(({ keys }) => keys.find(digest)), clock });
    store.whenKeysEnd(() => this.#cache.clear());
  }

  find(key: string): Principal | null | Promise<Principal | null> {
    // A store that nobody has opened yet has no keys that anyone was given.
    if (!isKeyShaped(key) || !this.#isAwake()) return null;
    const digest = digestOfKey(key);
    const known = this.#cache.peek(digest);
    if (known !== null) return this.#principal(known);
    return this.#cache.get(digest).then((found) => (found === null ? null : this.#principal(found)));
  }

  #principal(key: HeldKey): Principal {
    const state = keyState(key, this.#clock.now());
    switch (state) {
      case "active":
        return {
          kind: "key",
          id: key.id,
          organisation: key.organisationId,
          scopes: key,
          personId: key.personId,
          rules: key.rules ?? null,
        };
      case "expired":
        throw new ArrieroError("key_expired", `The key ${key.prefix}... expired at ${isoTime(key.expiresAt)}.`);
      case "revoked":
        throw new ArrieroError("key_revoked", `The key ${key.prefix}... was revoked at ${isoTime(key.revokedAt)}.`);
      default:
        return state satisfies never;
    }
  }
}

const isoTime = (at: number | null): string => new Date(at ?? 0).toISOString();
