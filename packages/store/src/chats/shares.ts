import { ArrieroError, type page } from "@arriero/spec";
import { sql } from "drizzle-orm";
import type { Clock } from "../clock.ts";
import { type Page, type PageAsked, placeOf, toPage } from "../database/cursor.ts";
import type { Database } from "../database/database.ts";
import { firstOf, newId, type Row, rowsOf } from "../database/query.ts";
import type { Owner } from "../people/standing.ts";
import { isOwn, notHere } from "./visible.ts";

/** Messages of one shared branch. */
const MOST_SHARED = 5_000;

/** Branches that others may read, as they were when they were shared. */
export class DatabaseShares {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async list(owner: Owner, { cursor, limit }: PageAsked): Promise<Page<page.Share>> {
    const { at, id } = placeOf(cursor);
    const rows = await rowsOf(
      this.#database,
      sql`select s.* from arriero.shares s where ${isOwn("s", owner)} and (s.created_at, s.id) < (${at}, ${id})
        order by s.created_at desc, s.id desc limit ${limit + 1}`,
    );
    return toPage(rows, limit, (row) => ({ at: Number(row["created_at"]), id: row["id"] as string }), toShare);
  }

  /** Throws not_found. */
  async create(owner: Owner, conversationId: string, audience: page.Share["audience"]): Promise<page.Share> {
    const row = await firstOf(
      this.#database,
      sql`insert into arriero.shares (id, person_id, organisation_id, conversation_id, audience, title, leaf_id, created_at)
        select ${newId("shr")}, c.person_id, c.organisation_id, c.id, ${audience}, c.title, c.leaf_id, ${this.#clock.now()}::bigint
        from arriero.conversations c where c.id = ${conversationId} and ${isOwn("c", owner)} returning *`,
    );
    if (row === null) throw notHere("conversation");
    return toShare(row);
  }

  /** Throws not_found. */
  async delete(owner: Owner, id: string): Promise<void> {
    const gone = await firstOf(
      this.#database,
      sql`delete from arriero.shares s where s.id = ${id} and ${isOwn("s", owner)} returning s.id`,
    );
    if (gone === null) throw notHere("share");
  }

  /** What is behind a link for this reader; null reader: nobody signed in. Throws unauthorized and not_found. */
  async read(reader: Owner | null, id: string): Promise<page.SharedView> {
    const share = await firstOf(
      this.#database,
      sql`select s.*, p.name from arriero.shares s join arriero.people p on p.id = s.person_id where s.id = ${id}`,
    );
    // Nobody learns which ids there are.
    if (reader === null && share?.["audience"] !== "anyone")
      throw new ArrieroError("unauthorized", "This link is read signed in.");
    const isFor = share !== null && (share["audience"] === "anyone" || share["organisation_id"] === reader?.organisationId);
    if (!isFor) throw notHere("share");
    const rows = await rowsOf(
      this.#database,
      sql`with recursive branch as (
          select id, parent_id, 1 as depth from arriero.messages where conversation_id = ${share["conversation_id"]} and id = ${share["leaf_id"]}
          union all
          select p.id, p.parent_id, b.depth + 1 from branch b
          join arriero.messages p on p.conversation_id = ${share["conversation_id"]} and p.id = b.parent_id where b.depth < ${MOST_SHARED}
        ) select m.* from branch b join arriero.messages m on m.id = b.id order by b.depth desc`,
    );
    return {
      title: share["title"] as string,
      by: share["name"] as string,
      createdAt: Number(share["created_at"]),
      messages: rows.map((row) => ({
        id: row["id"] as string,
        role: row["role"] as page.Message["role"],
        text: row["text"] as string,
        reasoning: row["reasoning"] as string,
        model: row["model"] as string | null,
        adapter: row["adapter"] as string | null,
        createdAt: Number(row["created_at"]),
      })),
    };
  }
}

const toShare = (row: Row): page.Share => ({
  id: row["id"] as string,
  conversationId: row["conversation_id"] as string,
  title: row["title"] as string,
  audience: row["audience"] as page.Share["audience"],
  path: `/shared/${row["id"] as string}`,
  createdAt: Number(row["created_at"]),
});
