import { ArrieroError, type page } from "@arriero/spec";
import { sql } from "drizzle-orm";
import type { Clock } from "../clock.ts";
import type { Database } from "../database/database.ts";
import { firstOf, newId, type Row, rowsOf, storable } from "../database/query.ts";
import type { Owner } from "../people/standing.ts";
import { isReadable, notHere } from "./visible.ts";

/** Files that are beside no message yet, of one person. */
const MOST_LOOSE = 64;
/** A file that no message took is gone after so long. */
const LOOSE_MS = 24 * 3_600_000;

export type NewAttachment = Pick<page.Attachment, "name" | "type" | "kind"> & { readonly bytes: Buffer };

/** Files beside messages. The bytes are in a table of their own, which no list meets. */
export class DatabaseAttachments {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Throws rate_limited where too many wait for a message. */
  async create(owner: Owner, { bytes, kind, name, type }: NewAttachment): Promise<page.Attachment> {
    const id = newId("file");
    const now = this.#clock.now();
    const made = await firstOf(
      this.#database,
      sql`with gone as (delete from arriero.attachments where message_id is null and created_at < ${now - LOOSE_MS}),
        made as (
          insert into arriero.attachments (id, person_id, organisation_id, name, type, kind, size_bytes, created_at)
          select ${id}, ${owner.personId}, ${owner.organisationId}, ${storable(name)}, ${type}, ${kind}, ${bytes.length}::bigint, ${now}::bigint
          where (select count(*) from arriero.attachments where person_id = ${owner.personId} and message_id is null
            and created_at >= ${now - LOOSE_MS}) < ${MOST_LOOSE}
          returning id
        )
        insert into arriero.attachment_bytes (attachment_id, bytes) select id, ${bytes}::bytea from made returning attachment_id`,
    );
    if (made === null) {
      throw new ArrieroError("rate_limited", `${MOST_LOOSE} files are beside no message yet, which is the limit.`, {
        hint: "Send them with a message first.",
      });
    }
    return { id, name: storable(name), type, kind, sizeBytes: bytes.length };
  }

  /** Throws not_found. */
  async read(owner: Owner, id: string): Promise<page.Attachment & { readonly bytes: Buffer }> {
    const row = await firstOf(
      this.#database,
      sql`select a.*, b.bytes from arriero.attachments a join arriero.attachment_bytes b on b.attachment_id = a.id
        where a.id = ${id} and ${isReadable("a", owner)}`,
    );
    if (row === null) throw notHere("attachment");
    return { ...toAttachment(row), bytes: row["bytes"] as Buffer };
  }

  /** For the prompt of a generation, whose holder asks. */
  async textsOf(messageIds: readonly string[]): Promise<ReadonlyMap<string, readonly { name: string; text: string }[]>> {
    const texts = new Map<string, { name: string; text: string }[]>();
    if (messageIds.length === 0) return texts;
    const rows = await rowsOf(
      this.#database,
      sql`select a.message_id, a.name, b.bytes from arriero.attachments a join arriero.attachment_bytes b on b.attachment_id = a.id
        where a.kind = 'text' and a.message_id in (${sql.join(
          messageIds.map((id) => sql`${id}`),
          sql`, `,
        )}) order by a.message_id, a.position`,
    );
    for (const row of rows) {
      const of = row["message_id"] as string;
      const text = new TextDecoder().decode(row["bytes"] as Buffer);
      texts.set(of, [...(texts.get(of) ?? []), { name: row["name"] as string, text }]);
    }
    return texts;
  }
}

const toAttachment = (row: Row): page.Attachment => ({
  id: row["id"] as string,
  name: row["name"] as string,
  type: row["type"] as string,
  kind: row["kind"] as page.Attachment["kind"],
  sizeBytes: Number(row["size_bytes"]),
});
