import type { page } from "@arriero/spec";
import { sql } from "drizzle-orm";
import type { Clock } from "../clock.ts";
import type { Database } from "../database/database.ts";
import { inTransaction, newId, type Row, rowsOf, storable } from "../database/query.ts";
import type { Owner } from "../people/standing.ts";
import { isOwn, notHere } from "./visible.ts";

/** Messages of one export, in all its conversations together: it is made in memory. */
export const MOST_EXPORTED = 100_000;

/** One's conversations with all their branches; one alone where it is named. Throws not_found. */
export async function exportChats(database: Database, owner: Owner, conversationId: string | null): Promise<page.Exported> {
  const chats = await rowsOf(
    database,
    sql`select c.* from arriero.conversations c where ${isOwn("c", owner)}
      ${conversationId === null ? sql`` : sql`and c.id = ${conversationId}`} order by c.created_at, c.id limit 10000`,
  );
  if (conversationId !== null && chats.length === 0) throw notHere("conversation");
  const rows = await rowsOf(
    database,
    sql`select m.*, (select jsonb_agg(a.name order by a.position) from arriero.attachments a where a.message_id = m.id) as files
      from arriero.messages m join arriero.conversations c on c.id = m.conversation_id where ${isOwn("c", owner)}
      ${conversationId === null ? sql`` : sql`and c.id = ${conversationId}`} order by m.created_at, m.id limit ${MOST_EXPORTED}`,
  );
  const of = new Map<string, Row[]>(chats.map((chat) => [chat["id"] as string, []]));
  for (const row of rows) of.get(row["conversation_id"] as string)?.push(row);
  return {
    format: "arriero-chats-1",
    conversations: chats.map((chat) => ({
      title: chat["title"] as string,
      createdAt: Number(chat["created_at"]),
      updatedAt: Number(chat["updated_at"]),
      model: chat["model"] as string | null,
      adapter: chat["adapter"] as string | null,
      system: chat["system"] as string,
      parameters: chat["parameters"] as page.ChatParameters,
      leafId: chat["leaf_id"] as string | null,
      messages: (of.get(chat["id"] as string) ?? []).map((row) => ({
        id: row["id"] as string,
        parentId: row["parent_id"] as string | null,
        role: row["role"] as page.Message["role"],
        text: row["text"] as string,
        reasoning: row["reasoning"] as string,
        model: row["model"] as string | null,
        adapter: row["adapter"] as string | null,
        createdAt: Number(row["created_at"]),
        attachments: (row["files"] as string[] | null) ?? [],
      })),
    })),
  };
}

/** Takes conversations up as one's own, each whole or not at all. A message whose parent is not there begins a branch. */
export async function importChats(
  database: Database,
  clock: Clock,
  owner: Owner,
  { conversations }: page.Exported,
): Promise<{ conversations: number; messages: number }> {
  let messages = 0;
  for (const chat of conversations) {
    const id = newId("chat");
    const ids = new Map(chat.messages.map((message) => [message.id, newId("msg")]));
    const rows = parentsFirst(chat.messages).map((message) => ({
      id: ids.get(message.id)!,
      parent_id: message.parentId === null ? null : (ids.get(message.parentId) ?? null),
      role: message.role,
      text: storable(message.text),
      reasoning: storable(message.reasoning),
      model: message.model,
      adapter: message.adapter,
      created_at: message.createdAt,
    }));
    await inTransaction(database, async (tx) => {
      await tx.execute(
        sql`insert into arriero.conversations (id, person_id, organisation_id, title, model, adapter, system, parameters, leaf_id, messages,
            created_at, updated_at)
          values (${id}, ${owner.personId}, ${owner.organisationId}, ${storable(chat.title).slice(0, 200)}, ${chat.model}, ${chat.adapter},
            ${storable(chat.system)}, ${storable(JSON.stringify(chat.parameters))}::jsonb,
            ${ids.get(chat.leafId ?? "") ?? rows.at(-1)?.id ?? null}, ${rows.length}, ${chat.createdAt}, ${chat.updatedAt})`,
      );
      await tx.execute(
        sql`insert into arriero.messages (id, conversation_id, parent_id, role, state, text, reasoning, model, adapter, created_at, updated_at)
          select r.id, ${id}, r.parent_id, r.role, 'complete', r.text, r.reasoning, r.model, r.adapter, r.created_at, ${clock.now()}::bigint
          from jsonb_to_recordset(${storable(JSON.stringify(rows))}::jsonb)
            as r (id text, parent_id text, role text, text text, reasoning text, model text, adapter text, created_at bigint)`,
      );
    });
    messages += rows.length;
  }
  return { conversations: conversations.length, messages };
}

type Told = page.ExportedConversation["messages"][number];

/** Each message once, behind its parent; a circle is cut where it is met. */
function parentsFirst(messages: readonly Told[]): readonly Told[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const placed = new Set<string>();
  const order: Told[] = [];
  for (const start of byId.values()) {
    const path: Told[] = [];
    const onPath = new Set<string>();
    for (let at: Told | undefined = start; at !== undefined && !placed.has(at.id); ) {
      if (onPath.has(at.id)) {
        const first = path.at(-1)!;
        path[path.length - 1] = { ...first, parentId: null };
        break;
      }
      onPath.add(at.id);
      path.push(at);
      at = at.parentId === null ? undefined : byId.get(at.parentId);
    }
    for (const message of path.reverse()) {
      placed.add(message.id);
      order.push(message);
    }
  }
  return order;
}
