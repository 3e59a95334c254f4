import { PGlite } from "@electric-sql/pglite";
import type { SharedSession } from "./wire-session.ts";

export interface PgliteSession extends SharedSession {
  close(): Promise<void>;
}

/** The Postgres in WebAssembly on `folder`; `memory://` keeps nothing. Making a new one takes seconds. */
export async function openPglite(folder: string): Promise<PgliteSession> {
  const db = await PGlite.create({ dataDir: folder });
  const { rows } = await db.query<{ version: string }>("select current_setting('server_version') as version");
  return {
    serverVersion: rows[0]?.version ?? "17",
    exchange: (messages) => db.execProtocolRaw(messages),
    rollBack: async () => {
      await db.exec("rollback");
    },
    close: () => db.close(),
  };
}
