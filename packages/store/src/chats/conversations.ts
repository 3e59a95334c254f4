import type { page } from "@arriero/spec";
import { type SQL, sql } from "drizzle-orm";
import type { Clock } from "../clock.ts";
import { type Page, type PageAsked, placeOf, toPage } from "../database/cursor.ts";
import type { Database } from "../database/database.ts";
import { firstOf, newId, type Row, rowsOf, storable } from "../database/query.ts";
import type { Owner } from "../people/standing.ts";
import { isOwn, isReadable, notHere } from "./visible.ts";

export interface ConversationsAsked extends PageAsked {
  readonly folder?: string | undefined;
  readonly pinned?: boolean | undefined;
  readonly archived: boolean;
}

/** What a conversation is called before anything is said in it. */
export const UNTITLED = "";

const RUNNING = sql.raw(
  "exists (select 1 from arriero.generations g where g.conversation_id = c.id and g.state = 'running') as running",
);
/** Nothing in it grows with the conversation. */
const ENTRY = sql`c.id, c.title, c.folder_id, c.pinned, c.archived, c.model, c.adapter, c.created_at, c.updated_at, ${RUNNING}`;

export class DatabaseConversations {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async list(
    owner: Owner,
    { archived, cursor, folder, limit, pinned }: ConversationsAsked,
  ): Promise<Page<page.ConversationEntry>> {
    const { at, id } = placeOf(cursor);
    const rows = await rowsOf(
      this.#database,
      sql`select ${ENTRY} from arriero.conversations c
        where ${isOwn("c", owner)} and c.archived = ${archived} and (c.updated_at, c.id) < (${at}, ${id})
        ${folder === undefined ? sql`` : sql`and c.folder_id = ${folder}`}
        ${pinned === undefined ? sql`` : sql`and c.pinned = ${pinned}`}
        order by c.updated_at desc, c.id desc limit ${limit + 1}`,
    );
    return toPage(rows, limit, (row) => ({ at: Number(row["updated_at"]), id: row["id"] as string }), toEntry);
  }

  /** Throws not_found, also for a folder that is not one's own. */
  async create(owner: Owner, wanted: page.NewConversation): Promise<page.Conversation> {
    const id = newId("chat");
    const now = this.#clock.now();
    const { adapter = null, folderId = null, model = null, parameters = {}, system = "", title } = wanted;
    const made = await firstOf(
      this.#database,
      sql`insert into arriero.conversations
          (id, person_id, organisation_id, folder_id, title, model, adapter, system, parameters, created_at, updated_at)
        select ${id}, ${owner.personId}, ${owner.organisationId}, ${folderId}, ${storable(title ?? UNTITLED)}, ${model}, ${adapter},
          ${storable(system)}, ${storable(JSON.stringify(parameters))}::jsonb, ${now}::bigint, ${now}::bigint
        where ${folderId}::text is null or exists (select 1 from arriero.folders f where f.id = ${folderId} and ${isOwn("f", owner)})
        returning id`,
    );
    if (made === null) throw notHere("folder");
    return this.read(owner, id);
  }

  /** Throws not_found. */
  async read(owner: Owner, id: string): Promise<page.Conversation> {
    const row = await firstOf(
      this.#database,
      sql`select ${ENTRY}, c.system, c.parameters, c.leaf_id, c.messages, p.id as person_id, p.name as person_name
        from arriero.conversations c join arriero.people p on p.id = c.person_id
        where c.id = ${id} and ${isReadable("c", owner)}`,
    );
    if (row === null) throw notHere("conversation");
    return toConversation(row);
  }

  /** Only what is named. Throws not_found, also for a folder or a leaf that is not of it. */
  async change(owner: Owner, id: string, change: page.ConversationChange): Promise<page.Conversation> {
    const { adapter, archived, folderId, leafId, model, parameters, pinned, system, title } = change;
    const sets: SQL[] = [
      ...(title === undefined ? [] : [sql`title = ${storable(title)}`]),
      ...(folderId === undefined ? [] : [sql`folder_id = ${folderId}`]),
      ...(pinned === undefined ? [] : [sql`pinned = ${pinned}`]),
      ...(archived === undefined ? [] : [sql`archived = ${archived}`]),
      ...(model === undefined ? [] : [sql`model = ${model}`]),
      ...(adapter === undefined ? [] : [sql`adapter = ${adapter}`]),
      ...(system === undefined ? [] : [sql`system = ${storable(system)}`]),
      ...(parameters === undefined ? [] : [sql`parameters = ${storable(JSON.stringify(parameters))}::jsonb`]),
      ...(leafId === undefined ? [] : [sql`leaf_id = ${leafId}`]),
    ];
    if (sets.length > 0) {
      const changed = await firstOf(
        this.#database,
        sql`update arriero.conversations c set ${sql.join(sets, sql`, `)} where c.id = ${id} and ${isOwn("c", owner)}
          ${folderId == null ? sql`` : sql`and exists (select 1 from arriero.folders f where f.id = ${folderId} and ${isOwn("f", owner)})`}
          ${leafId === undefined ? sql`` : sql`and exists (select 1 from arriero.messages m where m.conversation_id = ${id} and m.id = ${leafId})`}
          returning c.id`,
      );
      if (changed === null) throw notHere("conversation, folder or message");
    }
    return this.read(owner, id);
  }

  /** With everything in it. Throws not_found. */
  async delete(owner: Owner, id: string): Promise<void> {
    const gone = await firstOf(
      this.#database,
      sql`delete from arriero.conversations c where c.id = ${id} and ${isOwn("c", owner)} returning c.id`,
    );
    if (gone === null) throw notHere("conversation");
  }
}

function toEntry(row: Row): page.ConversationEntry {
  return {
    id: row["id"] as string,
    title: row["title"] as string,
    folderId: row["folder_id"] as string | null,
    pinned: row["pinned"] as boolean,
    archived: row["archived"] as boolean,
    model: row["model"] as string | null,
    adapter: row["adapter"] as string | null,
    createdAt: Number(row["created_at"]),
    updatedAt: Number(row["updated_at"]),
    running: row["running"] as boolean,
  };
}

function toConversation(row: Row): page.Conversation {
  return {
    ...toEntry(row),
    system: row["system"] as string,
    parameters: row["parameters"] as page.ChatParameters,
    leafId: row["leaf_id"] as string | null,
    messages: Number(row["messages"]),
    owner: { id: row["person_id"] as string, name: row["person_name"] as string },
  };
}
