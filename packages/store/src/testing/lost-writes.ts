import { sql } from "drizzle-orm";
import type { Database } from "../database/database.ts";
import type { Acknowledged } from "./killed-writer.ts";

/** Of what was acknowledged, that which the database does not have, or has otherwise. */
export async function lostWrites(database: Database, acknowledged: readonly Acknowledged[]): Promise<readonly Acknowledged[]> {
  const of = <K extends Acknowledged["kind"]>(kind: K) =>
    acknowledged.filter((each): each is Extract<Acknowledged, { kind: K }> => each.kind === kind);
  const rows = async (query: ReturnType<typeof sql>): Promise<ReadonlyMap<unknown, unknown>> => {
    const found = await database.execute<{ id: string; value: string }>(query);
    return new Map(found.rows.map(({ id, value }) => [id, value]));
  };
  const ids = (all: readonly { readonly id: string }[]) => JSON.stringify([...new Set(all.map(({ id }) => id))]);
  const listed = (all: readonly { readonly id: string }[]) => sql`(select jsonb_array_elements_text(${ids(all)}::jsonb))`;
  const [messages, logs, usage] = [of("message"), of("log"), of("usage")];
  const texts = await rows(sql`select id, text as value from arriero.messages where id in ${listed(messages)}`);
  const entries = await rows(
    sql`select generation_id || ' ' || seq as id, entry #>> '{pieces,0,text}' as value from arriero.generation_log
      where generation_id in ${listed(logs)}`,
  );
  const bills = await rows(
    sql`select id, completion_tokens::text as value from arriero.usage where id in ${listed(usage)} and status = 'completed'`,
  );
  return [
    ...messages.filter(({ id, text }) => texts.get(id) !== text),
    ...logs.filter(({ id, seq, text }) => entries.get(`${id} ${seq}`) !== text),
    ...usage.filter(({ id, tokens }) => bills.get(id) !== String(tokens)),
  ];
}

/** What no moment of writing may leave behind, as counts of the rows that are so. */
export async function halfWrites(database: Database): Promise<Record<string, number>> {
  const { rows } = await database.execute<Record<string, number>>(sql`select
    (select count(*)::int from arriero.messages q where q.role = 'user' and not exists (select 1 from arriero.messages a
      where a.conversation_id = q.conversation_id and a.parent_id = q.id)) as "questions without an answer",
    (select count(*)::int from arriero.conversations c
      where c.messages <> (select count(*) from arriero.messages m where m.conversation_id = c.id)) as "conversations counted wrong",
    (select count(*)::int from arriero.generations g where g.last_seq <> (select coalesce(max(l.seq), 0)
      from arriero.generation_log l where l.generation_id = g.id) or g.last_seq <> (select count(*)
      from arriero.generation_log l where l.generation_id = g.id)) as "logs with a gap",
    (select count(*)::int from arriero.generations g join arriero.messages m on m.id = g.message_id
      where g.state <> m.state) as "answers in two states"`);
  return rows[0]!;
}
