import { sql } from "drizzle-orm";
import type { Transaction } from "./database.ts";

/** Advisory locks share one space in a database: these numbers are ours, drawn at random. They end with the transaction. */
const MIGRATION = 7_401_639_201;
const USAGE = 7_401_639_202;

export async function lockForMigration(tx: Transaction): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${MIGRATION})`);
}

/** Held by whoever adds to `usage`: many at once. */
export async function lockForWriting(tx: Transaction): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock_shared(${USAGE})`);
}

/**
 * Held by whoever sums `usage` up: alone. Numbers of a sequence become visible out of order, so a row with a lower
 * `seq` could appear after one was summed; while this lock is held no row is on its way.
 */
export async function lockForSumming(tx: Transaction): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${USAGE})`);
}
