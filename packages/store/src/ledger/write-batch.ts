import { sql } from "drizzle-orm";
import type { Database } from "../database/database.ts";
import { lockForWriting } from "../database/locks.ts";
import type { Change } from "./ledger-entry.ts";

/** Names and types of the columns that journal and ledger share, in one order. */
const SHARED = {
  id: "text",
  organisation_id: "text",
  key_id: "text",
  model: "text",
  adapter: "text",
  backend: "text",
  region: "text",
  prompt_tokens: "bigint",
  cached_tokens: "bigint",
  completion_tokens: "bigint",
  reasoning_tokens: "bigint",
  attempts: "integer",
  continuations: "integer",
  queue_ms: "integer",
  ttft_ms: "integer",
  cost_micros: "bigint",
  started_at: "bigint",
} as const;

export const SHARED_COLUMNS = Object.keys(SHARED).join(", ");
const FINAL = { ...SHARED, status: "text", error_code: "text", ended_at: "bigint" };

const declared = (columns: Readonly<Record<string, string>>): string =>
  Object.entries(columns)
    .map(([name, type]) => `${name} ${type}`)
    .join(", ");

const OPEN_ROWS = sql.raw(declared(SHARED));
const FINAL_ROWS = sql.raw(declared(FINAL));
const COLUMNS = sql.raw(SHARED_COLUMNS);
const FINAL_COLUMNS = sql.raw(Object.keys(FINAL).join(", "));
/** What may still change while a request runs. */
const UPDATES = sql.raw(
  [
    "backend",
    "region",
    "prompt_tokens",
    "cached_tokens",
    "completion_tokens",
    "reasoning_tokens",
    "attempts",
    "continuations",
    "queue_ms",
    "ttft_ms",
    "cost_micros",
    "updated_at",
  ]
    .map((name) => `${name} = excluded.${name}`)
    .join(", "),
);

/**
 * Writes one batch in one transaction: a sign of life, the journal, the ledger. The rows travel as one JSON parameter:
 * a parameter for each value costs the gateway ten times as much.
 *
 * A request that is in the ledger is never journalled again, and its row never changes: what comes later, from a
 * gateway wrongly taken for dead or after a retry, changes nothing.
 */
export async function writeBatch(database: Database, instanceId: string, changes: readonly Change[], now: number): Promise<void> {
  // One row for each id: Postgres refuses a statement that would change a row twice, and with it the whole batch.
  const opens = [
    ...new Map(changes.filter(({ kind }) => kind === "open").map(({ columns }) => [columns["id"], columns])).values(),
  ];
  const finals = changes.flatMap((change) => (change.kind === "final" ? [change.columns] : []));
  const closed = changes.flatMap(({ columns, journalled, kind }) => (kind === "final" && journalled ? [columns["id"]] : []));
  await database.transaction(async (tx) => {
    await tx.execute(sql`
      insert into arriero.instances (id, heartbeat_at) values (${instanceId}, ${now})
      on conflict (id) do update set heartbeat_at = excluded.heartbeat_at`);
    if (opens.length > 0) {
      await tx.execute(sql`
        insert into arriero.open_requests (${COLUMNS}, instance_id, updated_at)
        select ${COLUMNS}, ${instanceId}, ${now}::bigint from json_to_recordset(${JSON.stringify(opens)}::json) as r (${OPEN_ROWS})
        where not exists (select from arriero.usage where usage.id = r.id)
        on conflict (id) do update set ${UPDATES}`);
    }
    if (finals.length > 0) {
      await lockForWriting(tx);
      await tx.execute(sql`
        insert into arriero.usage (${FINAL_COLUMNS})
        select ${FINAL_COLUMNS} from json_to_recordset(${JSON.stringify(finals)}::json) as r (${FINAL_ROWS})
        on conflict (id) do nothing`);
    }
    if (closed.length > 0) {
      await tx.execute(sql`
        delete from arriero.open_requests where id in (select json_array_elements_text(${JSON.stringify(closed)}::json))`);
    }
  });
}
