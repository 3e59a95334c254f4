import { sql } from "drizzle-orm";
import type { Database } from "../database/database.ts";
import { lockForWriting } from "../database/locks.ts";
import { SHARED_COLUMNS } from "./write-batch.ts";

/** Rows reconciled in one transaction. */
const MOST_ROWS = 5_000;

/**
 * Ends the requests of gateways that gave no sign of life since `deadline` (milliseconds since the epoch): each
 * becomes a `lost` row with what was noted last, ended when that was noted. Several gateways may do this at once: a
 * locked row is another's, and a row in the ledger stays as it is. Returns how many were found lost.
 */
export async function reconcile(database: Database, deadline: number): Promise<number> {
  const columns = sql.raw(SHARED_COLUMNS);
  for (let lost = 0; ; ) {
    const found = await database.transaction(async (tx) => {
      await lockForWriting(tx);
      const { rows } = await tx.execute<{ found: string; lost: string }>(sql`
        with dead as (
          delete from arriero.open_requests where id in (
            select o.id from arriero.open_requests o left join arriero.instances i on i.id = o.instance_id
            where i.id is null or i.heartbeat_at < ${deadline}
            order by o.id limit ${MOST_ROWS} for update of o skip locked
          ) returning *
        ), written as (
          insert into arriero.usage (${columns}, status, error_code, ended_at)
          select ${columns}, 'lost', null, updated_at from dead
          on conflict (id) do nothing returning 1
        )
        select (select count(*) from dead) as found, (select count(*) from written) as lost`);
      return { found: Number(rows[0]?.found), lost: Number(rows[0]?.lost) };
    });
    lost += found.lost;
    if (found.found < MOST_ROWS) {
      await database.execute(sql`
        delete from arriero.instances i where heartbeat_at < ${deadline}
        and not exists (select from arriero.open_requests o where o.instance_id = i.id)`);
      return lost;
    }
  }
}
