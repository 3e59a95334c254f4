import { randomBytes } from "node:crypto";
import { ArrieroError } from "@arriero/spec";
import { and, desc, eq, isNull, or, type SQL, sql } from "drizzle-orm";
import type { Clock } from "../clock.ts";
import { answered, type Database } from "../database/database.ts";
import { apiKeys } from "../database/schema.ts";
import { toRules } from "../people/standing.ts";
import { type ApiKey, DEFAULT_ORGANISATION, type HeldKey, type KeyScope, UNLIMITED } from "./api-key.ts";
import { digestOfKey, newSecret, prefixOfKey } from "./key-secret.ts";

export interface NewKey extends Partial<KeyScope> {
  readonly name: string;
  readonly organisationId?: string;
  readonly personId?: string | null;
}

export interface KeysAsked {
  readonly organisationId?: string;
  readonly personId?: string | undefined;
  readonly revoked?: boolean;
}

export interface KeyStore {
  /** The key is in the answer and nowhere else. */
  create(wanted: NewKey): Promise<{ readonly key: string; readonly record: ApiKey }>;
  /** Newest first, at most MOST_LISTED. */
  list(options?: KeysAsked): Promise<readonly ApiKey[]>;
  /** One of a person's in their organisation; any of it where no person is named. Throws not_found. */
  revokeOwn(organisationId: string, personId: string | null, id: string): Promise<void>;
  /**
   * By id, by the key itself, or by its whole prefix where one key alone has it. Throws not_found or conflict, and never
   * repeats a key. Revoking twice changes nothing.
   */
  revoke(idOrKey: string): Promise<ApiKey>;
  /** The key with this digest (`digestOfKey`), be it expired or revoked; null where there is none. */
  find(digest: string): Promise<HeldKey | null>;
  /** The key with this id, be it expired or revoked; null where there is none. */
  get(id: string): Promise<HeldKey | null>;
}

export const MOST_LISTED = 1000;
const ID_MARK = "key_";
const ID_BYTES = 8;
const LONGEST_ID = 40;

/** The organisation's row, beside the key's. */
const RULES = sql<Readonly<Record<string, unknown>> | null>`(select to_jsonb(o) from arriero.organisations o
  where o.id = ${apiKeys.organisationId})`;

type Row = typeof apiKeys.$inferSelect;

export class DatabaseKeys implements KeyStore {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async create({ name, organisationId = DEFAULT_ORGANISATION, personId = null, ...scope }: NewKey) {
    const key = newSecret();
    const { budget, ...limits } = { ...UNLIMITED, ...scope };
    const [row] = await answered(
      this.#database
        .insert(apiKeys)
        .values({
          ...limits,
          id: `${ID_MARK}${randomBytes(ID_BYTES).toString("hex")}`,
          organisationId,
          personId,
          digest: digestOfKey(key),
          prefix: prefixOfKey(key),
          name,
          budgetMicros: budget?.micros ?? null,
          budgetPeriod: budget?.period ?? null,
          createdAt: this.#clock.now(),
        })
        .returning(),
    );
    return { key, record: toKey(row!) };
  }

  async list(options: KeysAsked = {}) {
    const rows = await answered(
      this.#database
        .select()
        .from(apiKeys)
        .where(
          and(
            options.organisationId === undefined ? undefined : eq(apiKeys.organisationId, options.organisationId),
            options.personId === undefined ? undefined : eq(apiKeys.personId, options.personId),
            options.revoked ? undefined : isNull(apiKeys.revokedAt),
          ),
        )
        .orderBy(desc(apiKeys.createdAt), desc(apiKeys.id))
        .limit(MOST_LISTED),
    );
    return rows.map(toKey);
  }

  async revoke(idOrKey: string) {
    const found = await answered(
      this.#database
        .select()
        .from(apiKeys)
        .where(or(eq(apiKeys.id, idOrKey), eq(apiKeys.prefix, idOrKey), eq(apiKeys.digest, digestOfKey(idOrKey))))
        .limit(2),
    );
    if (found.length > 1)
      throw new ArrieroError("conflict", `More than one key begins with ${shownKey(idOrKey)}.`, { hint: "Give its id." });
    const [match] = found;
    if (match === undefined)
      throw new ArrieroError("not_found", `There is no key ${shownKey(idOrKey)}.`, { hint: "See `arriero key list`." });
    const [row] = await answered(
      this.#database
        .update(apiKeys)
        .set({ revokedAt: sql`coalesce(${apiKeys.revokedAt}, ${this.#clock.now()})` })
        .where(eq(apiKeys.id, match.id))
        .returning(),
    );
    return toKey(row ?? match);
  }

  async revokeOwn(organisationId: string, personId: string | null, id: string) {
    const revoked = await answered(
      this.#database
        .update(apiKeys)
        .set({ revokedAt: sql`coalesce(${apiKeys.revokedAt}, ${this.#clock.now()})` })
        .where(
          and(
            eq(apiKeys.id, id),
            eq(apiKeys.organisationId, organisationId),
            personId === null ? undefined : eq(apiKeys.personId, personId),
          ),
        )
        .returning(),
    );
    if (revoked.length === 0) throw new ArrieroError("not_found", "There is no key of this id.");
  }

  find(digest: string) {
    return this.#held(eq(apiKeys.digest, digest));
  }

  get(id: string) {
    return this.#held(eq(apiKeys.id, id));
  }

  async #held(which: SQL): Promise<HeldKey | null> {
    const [found] = await answered(this.#database.select({ key: apiKeys, rules: RULES }).from(apiKeys).where(which));
    if (found === undefined) return null;
    return { ...toKey(found.key), rules: found.rules === null ? null : toRules(found.rules) };
  }
}

/** What an error may repeat: an id, and of all else, which may be a living key, only the first characters. */
function shownKey(idOrKey: string): string {
  if (idOrKey.startsWith(ID_MARK)) return idOrKey.slice(0, LONGEST_ID);
  const prefix = prefixOfKey(idOrKey);
  return prefix === idOrKey ? prefix : `${prefix}...`;
}

function toKey({ digest: _, budgetMicros, budgetPeriod, ...row }: Row): ApiKey {
  return {
    ...row,
    budget: budgetMicros === null || budgetPeriod === null ? null : { micros: budgetMicros, period: budgetPeriod },
  };
}
