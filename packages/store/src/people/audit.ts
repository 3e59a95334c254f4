import type { page } from "@arriero/spec";
import { sql } from "drizzle-orm";
import type { Clock } from "../clock.ts";
import { type Page, type PageAsked, placeOf, toPage } from "../database/cursor.ts";
import type { Database } from "../database/database.ts";
import { type Row, rowsOf, storable } from "../database/query.ts";

/** Something that somebody did, or was refused. Never holds a password, key, token or text of a chat. */
export interface AuditNote {
  readonly organisationId: string;
  readonly actor: { readonly id: string; readonly name: string } | null;
  readonly action: string;
  readonly target: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Append-only. */
export class DatabaseAudit {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async note({ action, actor, detail = {}, organisationId, target }: AuditNote): Promise<void> {
    await rowsOf(
      this.#database,
      sql`insert into arriero.audit (organisation_id, at, actor_id, actor_name, action, target, detail) values (${organisationId},
        ${this.#clock.now()}, ${actor?.id ?? null}, ${actor?.name ?? null}, ${action}, ${storable(target).slice(0, 300)},
        ${storable(JSON.stringify(detail))}::jsonb)`,
    );
  }

  /** Newest first: by the order of writing, which is the place of its cursor. */
  async list(
    organisationId: string,
    { action, cursor, limit }: PageAsked & { readonly action?: string | undefined },
  ): Promise<Page<page.AuditEntry>> {
    const { at: before } = placeOf(cursor);
    const rows = await rowsOf(
      this.#database,
      sql`select * from arriero.audit where organisation_id = ${organisationId} and seq < ${before}
        ${action === undefined ? sql`` : sql`and action = ${action}`} order by seq desc limit ${limit + 1}`,
    );
    return toPage(rows, limit, (row) => ({ at: Number(row["seq"]), id: "seq" }), toEntry);
  }
}

function toEntry(row: Row): page.AuditEntry {
  const id = row["actor_id"] as string | null;
  return {
    id: String(row["seq"]),
    at: Number(row["at"]),
    actor: id === null ? null : { id, name: (row["actor_name"] as string | null) ?? "" },
    action: row["action"] as string,
    target: row["target"] as string,
    detail: row["detail"] as Record<string, unknown>,
  };
}
