import {
  type BegunRequest,
  digestOfKey,
  type HeldKey,
  type RequestEnd,
  type RequestProgress,
  type Spending,
} from "@arriero/store";
import { LOCAL } from "../http/principal.ts";
import type { GatewayStore } from "../store/gateway-store.ts";

/** A row as the gateway gave it. */
export interface FakeRow extends BegunRequest {
  readonly progress: Partial<RequestProgress>[];
  readonly ends: RequestEnd[];
}

/** The key's text for a letter: of the shape of real ones. */
export const keyText = (letter: string): string => `ak_${letter.repeat(43)}`;

export function apiKey(changes: Partial<HeldKey> = {}): HeldKey {
  return {
    ...LOCAL.scopes,
    id: "key_1",
    organisationId: "default",
    personId: null,
    name: "test",
    prefix: "ak_aaaaaa",
    createdAt: 0,
    revokedAt: null,
    ...changes,
  };
}

/** A store in memory, which can be away. */
export class FakeStore implements GatewayStore {
  readonly rows: FakeRow[] = [];
  readonly asked: string[] = [];
  spent: Spending = { day: { tokens: 0, micros: 0 }, month: { tokens: 0, micros: 0 } };
  isAway = false;
  isFull = false;
  closed = false;
  readonly #keys = new Map<string, HeldKey>();

  /** Known by `keyText(letter)`. */
  addKey(letter: string, changes: Partial<HeldKey> = {}): string {
    this.#keys.set(digestOfKey(keyText(letter)), apiKey({ id: `key_${letter}`, ...changes }));
    return keyText(letter);
  }

  readonly keys = {
    find: async (digest: string): Promise<HeldKey | null> => {
      this.asked.push(digest);
      if (this.isAway) throw new Error("connection refused");
      return this.#keys.get(digest) ?? null;
    },
    get: async (id: string): Promise<HeldKey | null> => {
      if (this.isAway) throw new Error("connection refused");
      return [...this.#keys.values()].find((key) => key.id === id) ?? null;
    },
  };

  readonly ledger: GatewayStore["ledger"] = {
    start: () => undefined,
    // Whoever must wait does so in `begin`.
    tryBegin: () => null,
    begin: async (request, signal) => {
      if (this.isFull) {
        await new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason), { once: true }));
      }
      const row: FakeRow = { ...request, progress: [], ends: [] };
      this.rows.push(row);
      return {
        progress: (known) => void row.progress.push(known),
        end: (end) => void row.ends.push(end),
        recorded: async () => undefined,
      };
    },
    byDay: async ({ from, keyId }) => {
      if (this.isAway) throw new Error("connection refused");
      const rows = this.rows.filter((row) => keyId === undefined || row.keyId === keyId);
      return rows.map((row) => ({
        day: from,
        organisationId: row.organisationId,
        keyId: row.keyId,
        model: row.model,
        requests: 1,
        failures: row.ends[0]?.status === "failed" ? 1 : 0,
        promptTokens: row.ends[0]?.promptTokens ?? 0,
        cachedTokens: 0,
        completionTokens: row.ends[0]?.completionTokens ?? 0,
        reasoningTokens: 0,
        costMicros: row.ends[0]?.costMicros ?? 0,
      }));
    },
    spend: async () => {
      if (this.isAway) throw new Error("connection refused");
      return this.spent;
    },
  };

  async close(): Promise<void> {
    this.closed = true;
  }
}
