import { createHash } from "node:crypto";
import { ArrieroError } from "@arriero/spec";
import { sql } from "drizzle-orm";
import type { Database } from "./database.ts";
import { lockForMigration } from "./locks.ts";
import { MIGRATIONS, type Migration } from "./migrations.ts";

interface Applied {
  readonly name: string;
  readonly digest: string;
}

export const digestOf = (migration: Migration): string => createHash("sha256").update(migration.sql).digest("hex");

/** Which migrations are to be applied. Throws config_invalid where the database is not one that this version can use. */
export function outstanding(migrations: readonly Migration[], applied: readonly Applied[]): readonly Migration[] {
  for (const [index, { digest, name }] of applied.entries()) {
    const ours = migrations[index];
    if (ours === undefined) {
      throw new ArrieroError(
        "config_invalid",
        `The database is of a newer Arriero: it has ${name}, which this one does not know.`,
        {
          hint: "Use the newer version, or another database.",
        },
      );
    }
    if (ours.name !== name || digestOf(ours) !== digest) {
      throw new ArrieroError(
        "config_invalid",
        `The database was made by another Arriero: its step ${index + 1} is another ${name}.`,
        {
          hint: "Use the version that made it, or another database.",
        },
      );
    }
  }
  return migrations.slice(applied.length);
}

/**
 * Brings the database up to date, in one transaction under a lock: of several gateways that start at once one does it,
 * and the others find it done.
 */
export async function migrate(database: Database, migrations: readonly Migration[] = MIGRATIONS): Promise<readonly string[]> {
  return database.transaction(async (tx) => {
    await lockForMigration(tx);
    await tx.execute(sql`create schema if not exists arriero`);
    await tx.execute(
      sql`create table if not exists arriero.migrations (position integer primary key, name text not null, digest text not null)`,
    );
    const { rows } = await tx.execute<{ name: string; digest: string }>(
      sql`select name, digest from arriero.migrations order by position`,
    );
    const wanted = outstanding(migrations, rows);
    for (const [index, migration] of wanted.entries()) {
      await tx.execute(sql.raw(migration.sql));
      await tx.execute(
        sql`insert into arriero.migrations values (${rows.length + index + 1}, ${migration.name}, ${digestOf(migration)})`,
      );
    }
    return wanted.map(({ name }) => name);
  });
}
