import type { page } from "@arriero/spec";
import { sql } from "drizzle-orm";
import { type Page, type PageAsked, placeOf, toPage } from "../database/cursor.ts";
import type { Database } from "../database/database.ts";
import { type Row, rowsOf, storable } from "../database/query.ts";
import type { Owner } from "../people/standing.ts";
import { excerptOf } from "./excerpt.ts";
import { isOwn } from "./visible.ts";

/** Characters of a message that are looked through for its excerpt, though more are searched. */
const MOST_LOOKED_THROUGH = 20_000;

/**
 * Full text over titles and messages of one's own conversations, latest first. Words stand as they are written, in any
 * language: quoted for a phrase, `-` before one that must not be there, and the last one may be a beginning.
 */
export async function search(
  database: Database,
  owner: Owner,
  { cursor, limit, q }: PageAsked & { readonly q: string },
): Promise<Page<page.SearchHit>> {
  const { at, id } = placeOf(cursor);
  const text = storable(q);
  const beginning = /(?:^|\s)([\p{L}\p{N}]+)$/u.exec(text)?.[1] ?? null;
  const rows = await rowsOf(
    database,
    sql`with asked as (
        select case when ${beginning}::text is null then websearch_to_tsquery('simple', ${text})
          else websearch_to_tsquery('simple', ${beginning === null ? text : text.slice(0, -beginning.length)})
            && to_tsquery('simple', ${`${beginning ?? "a"}:*`}) end as query
      ), hits as (
        select c.id as conversation_id, null as message_id, c.id as id, c.title as text, c.title, c.updated_at as at
        from arriero.conversations c, asked where ${isOwn("c", owner)} and c.words @@ asked.query
        union all
        select c.id, m.id, m.id, left(m.text, ${MOST_LOOKED_THROUGH}), c.title, m.created_at
        from arriero.messages m join arriero.conversations c on c.id = m.conversation_id, asked
        where ${isOwn("c", owner)} and m.words @@ asked.query
      ), page as (
        select * from hits where (at, id) < (${at}, ${id}) order by at desc, id desc limit ${limit + 1}
      )
      select * from page order by at desc, id desc`,
  );
  return toPage(
    rows,
    limit,
    (row) => ({ at: Number(row["at"]), id: row["id"] as string }),
    (row) => toHit(row, text),
  );
}

function toHit(row: Row, q: string): page.SearchHit {
  return {
    conversationId: row["conversation_id"] as string,
    title: row["title"] as string,
    messageId: row["message_id"] as string | null,
    excerpt: excerptOf(row["text"] as string, q),
    at: Number(row["at"]),
  };
}
