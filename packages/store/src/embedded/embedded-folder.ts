import { join } from "node:path";

/** The embedded database's folder, readable by its owner alone. */
export interface EmbeddedFolder {
  readonly path: string;
  /** Postgres' own files. */
  readonly data: string;
  /** Where they are made; becomes `data` by renaming, so that half a database is never taken for one. */
  readonly making: string;
  /** Which process has the database open: two at once would destroy it. */
  readonly lock: string;
  /** How clients reach that process; 0600, it holds the password. */
  readonly address: string;
  /** What the process had to say, of its last start. */
  readonly log: string;
}

export function embeddedFolder(path: string): EmbeddedFolder {
  return {
    path,
    data: join(path, "postgres"),
    making: join(path, "postgres.making"),
    lock: join(path, "lock"),
    address: join(path, "address.json"),
    log: join(path, "log"),
  };
}
