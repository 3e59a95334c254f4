import { homeFolder } from "../home/home-folder.ts";
import type { Session } from "../invocation/session.ts";
import { runCli } from "../run-cli.ts";
import { createScreen } from "../terminal/screen.ts";
import { type Finished, freshHome } from "./spawned-command.ts";

/**
 * `arriero args...` in this process: for what says something and ends. A process of its own takes a second to say it.
 * `code` is what the process would end with.
 */
export async function runHere(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Finished> {
  const all = { ARRIERO_HOME: freshHome(), ...env };
  let stdout = "";
  let stderr = "";
  const session: Session = {
    env: all,
    home: homeFolder(undefined, all),
    out: createScreen({ write: (text) => (stdout += text) }, all),
    err: createScreen({ write: (text) => (stderr += text) }, all),
    now: Date.now,
    interruption: () => new AbortController().signal,
    surviveBrokenPipe: () => undefined,
  };
  const code = await runCli(args, session);
  return { code, stdout, stderr };
}
