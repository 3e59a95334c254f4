import { randomBytes } from "node:crypto";
import type { SQL } from "drizzle-orm";
import { answered, type Database, type Transaction } from "./database.ts";

/** A row as the driver gives it: bigint columns are text, jsonb is parsed. */
export type Row = Readonly<Record<string, unknown>>;

/** Throws store_unavailable. */
export async function rowsOf<T extends Row>(database: Database | Transaction, query: SQL): Promise<readonly T[]> {
  const { rows } = await answered(database.execute<T>(query));
  return rows as readonly T[];
}

export async function firstOf<T extends Row>(database: Database | Transaction, query: SQL): Promise<T | null> {
  return (await rowsOf<T>(database, query))[0] ?? null;
}

/** All of `work`, or nothing. What it throws is passed on; a failure of the transaction itself is store_unavailable. */
export function inTransaction<T>(database: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return answered(database.transaction(work));
}

const ID_BYTES = 12;

/** `msg_` and 24 random hex digits: nobody guesses one, and a log line says what it is. */
export const newId = (mark: string): string => `${mark}_${randomBytes(ID_BYTES).toString("hex")}`;

/** Postgres has no NUL in text, and no half of a surrogate pair. */
export const storable = (text: string): string => text.replaceAll("\0", "").replace(/\p{Surrogate}/gu, "\ufffd");
