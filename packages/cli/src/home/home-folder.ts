import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** Where everything of one user's Arriero lies. Paths only: nothing is created here. */
export interface HomeFolder {
  readonly path: string;
  readonly models: string;
  /** One key a line in `api-keys`, 0600. */
  readonly keys: string;
  readonly logs: string;
  /** The embedded database: keys and usage. */
  readonly data: string;
  /** Address of the running server, tokens of engines run alone; 0600. */
  readonly run: string;
  /** Uploaded files and batches, 0700. */
  readonly work: string;
  readonly snapshots: string;
  /** Conversations saved with /save. */
  readonly chats: string;
  readonly history: string;
  readonly config: string;
}

/** `--home`, then ARRIERO_HOME, then `~/.arriero`. A leading `~/` is the user's home. */
export function homeFolder(flag: string | undefined, env: Readonly<Record<string, string | undefined>>): HomeFolder {
  const wanted = flag || env.ARRIERO_HOME || "~/.arriero";
  const path = resolve(wanted === "~" || wanted.startsWith("~/") ? join(homedir(), wanted.slice(1)) : wanted);
  return {
    path,
    models: join(path, "models"),
    keys: join(path, "keys"),
    logs: join(path, "logs"),
    data: join(path, "data"),
    run: join(path, "run"),
    work: join(path, "work"),
    snapshots: join(path, "snapshots"),
    chats: join(path, "chats"),
    history: join(path, "history"),
    config: join(path, "arriero.yaml"),
  };
}
