import type { Principal } from "./principal.ts";

/** A place where keys are known. */
export interface KeySource {
  /**
   * Whom `key` stands for; null: it is none of this source's. At once where the answer is at hand, since every request
   * asks. Throws key_expired, key_revoked or store_unavailable.
   */
  find(key: string): Principal | null | Promise<Principal | null>;
}
