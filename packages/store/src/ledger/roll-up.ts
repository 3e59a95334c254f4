import { sql } from "drizzle-orm";
import type { Database } from "../database/database.ts";
import { lockForSumming } from "../database/locks.ts";

const SUMS = ["prompt_tokens", "cached_tokens", "completion_tokens", "reasoning_tokens", "cost_micros"];
const names = sql.raw(SUMS.join(", "));
const sums = sql.raw(SUMS.map((name) => `sum(${name})::bigint`).join(", "));
const additions = sql.raw(
  ["requests", "failures", ...SUMS].map((name) => `${name} = usage_hourly.${name} + excluded.${name}`).join(", "),
);

/** Adds the next `most` rows of the ledger to the hourly sums. Each row is added once, however often this is called. */
async function rollUpSome(database: Database, most: number): Promise<number> {
  return database.transaction(async (tx) => {
    await lockForSumming(tx);
    // A statement of its own, after the lock: it sees everything that was written before.
    const { rows } = await tx.execute<{ rows: string }>(sql`
      with next as (
        select * from arriero.usage where seq > (select seq from arriero.roll_up) order by seq limit ${most}
      ), summed as (
        insert into arriero.usage_hourly (hour, organisation_id, key_id, model, backend, requests, failures, ${names})
        select ended_at / 3600000 * 3600000, organisation_id, coalesce(key_id, ''), model, coalesce(backend, ''),
          count(*), count(*) filter (where status in ('failed', 'lost')), ${sums}
        from next group by 1, 2, 3, 4, 5
        on conflict (organisation_id, key_id, hour, model, backend) do update set ${additions}
      ), moved as (
        update arriero.roll_up set seq = (select max(seq) from next) where exists (select from next)
      )
      select count(*) as rows from next`);
    return Number(rows[0]?.rows);
  });
}

/** Brings the hourly sums up to date, `most` rows at a time. Returns how many rows were added. */
export async function rollUp(database: Database, most: number): Promise<number> {
  for (let total = 0; ; ) {
    const added = await rollUpSome(database, most);
    total += added;
    if (added < most) return total;
  }
}
