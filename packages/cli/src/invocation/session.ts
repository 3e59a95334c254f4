import type { HomeFolder } from "../home/home-folder.ts";
import type { Screen } from "../terminal/screen.ts";

/** What a command is given of the world: outputs, environment, time, and the user's wish to stop. */
export interface Session {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: HomeFolder;
  /** Answers go here; `--json` writes one document and nothing else. */
  readonly out: Screen;
  /** Progress, notes and errors. */
  readonly err: Screen;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Aborts at the first Ctrl-C or SIGTERM; the second one leaves at once. For commands that do not handle signals themselves. */
  interruption(): AbortSignal;
  /** From now on a reader that goes away does not end the process: for servers. */
  surviveBrokenPipe(): void;
}
