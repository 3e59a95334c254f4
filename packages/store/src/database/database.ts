import { ArrieroError } from "@arriero/spec";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import pg from "pg";
import type { Clock } from "../clock.ts";
import type { StoreLog } from "../store-log.ts";
import { databaseOver } from "./transactions.ts";

export type Database = NodePgDatabase;
export type Transaction = Parameters<Parameters<Database["transaction"]>[0]>[0];

/** Connections of one process to the database. Few: all writing is in batches. */
const MOST_CONNECTIONS = 4;
const CONNECT_MS = 10_000;
/** At the end, for statements on their way. */
const CLOSE_MS = 5_000;
/** A statement that takes longer is broken off by the server. */
const STATEMENT_MS = 60_000;

export interface Connection {
  readonly database: Database;
  readonly pool: pg.Pool;
  /** Ends all connections; those that still wait for an answer after `mostMs` are cut. */
  close(clock: Clock, mostMs?: number): Promise<void>;
}

/** Where a Postgres is: a URL, or the embedded one's address. */
export type DatabaseAddress =
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "local"; readonly port: number; readonly password: string };

/** Connections to the Postgres at `address`, made when they are wanted, each a `Client`. */
export function connect(address: DatabaseAddress, log: StoreLog, Client: typeof pg.Client = pg.Client): Connection {
  const pool = new pg.Pool({
    ...target(address),
    Client,
    max: MOST_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    application_name: "arriero",
    // The embedded one sees from its connections that it is still wanted.
    ...(address.kind === "local" ? { idleTimeoutMillis: 0 } : { statement_timeout: STATEMENT_MS }),
  });
  // A connection lost while idle is replaced at the next query; without a listener it would end the process.
  pool.on("error", (error) => log({ level: "warn", message: `a connection to the database was lost: ${error.message}` }));
  const clients = new Set<pg.Client>();
  pool.on("connect", (client) => {
    clients.add(client as pg.Client);
    // One that is lost between two statements of a transaction has nobody else to tell; the next statement fails.
    client.on("error", () => undefined);
  });
  pool.on("remove", (client) => clients.delete(client as pg.Client));
  return {
    database: databaseOver(pool),
    pool,
    async close(clock, mostMs = CLOSE_MS) {
      const cancel = clock.after(mostMs, () => {
        // A client with a statement on its way is destroyed, whatever its peer does.
        for (const client of clients) void client.end().catch(() => undefined);
      });
      await pool.end().finally(cancel);
    },
  };
}

/** What `pg` needs to reach `address`. */
export function target(address: DatabaseAddress): pg.PoolConfig {
  if (address.kind === "url") return { connectionString: address.url };
  return {
    host: "127.0.0.1",
    port: address.port,
    user: "postgres",
    database: "postgres",
    password: address.password,
    ssl: false,
  };
}

/** A failure to reach the database, coded. The message of the driver holds no password. */
export function unavailable(thrown: unknown): ArrieroError {
  if (thrown instanceof ArrieroError) return thrown;
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  if (cause instanceof ArrieroError) return cause;
  return new ArrieroError("store_unavailable", `The database does not answer: ${reasonOf(thrown)}.`, { cause: thrown });
}

/** What `query` answers, or its failure coded. */
export async function answered<T>(query: PromiseLike<T>): Promise<T> {
  try {
    return await query;
  } catch (thrown) {
    throw unavailable(thrown);
  }
}

/** What the driver says; drizzle's own message would hold the statement with all of its values. */
export function reasonOf(thrown: unknown): string {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
