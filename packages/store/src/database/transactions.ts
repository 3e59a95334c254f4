import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import type pg from "pg";

/**
 * Drizzle over a pool whose clients always come back. Its own `transaction` keeps the client for good where `begin` fails, as
 * it does when the database dies at that moment: once all are kept, this process has no database any more.
 */
export function databaseOver(pool: pg.Pool): NodePgDatabase {
  const database = drizzle(pool);
  database.transaction = async (work, config) => {
    const client = await pool.connect();
    try {
      return await drizzle(client).transaction(work, config);
    } finally {
      // One that is left inside of a transaction is nobody's: the next one would write into it.
      client.release(client.getTransactionStatus() !== "I");
    }
  };
  return database;
}
