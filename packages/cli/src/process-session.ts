import { homeFolder } from "./home/home-folder.ts";
import { EXIT } from "./invocation/exit-code.ts";
import { Interrupted } from "./invocation/report-error.ts";
import type { Session } from "./invocation/session.ts";
import { createScreen } from "./terminal/screen.ts";

/** Value of `--flag VALUE` or `--flag=VALUE` wherever it stands: what the session needs before the command is known. */
function early(argv: readonly string[], flag: string): string | undefined {
  const end = argv.indexOf("--");
  const words = end < 0 ? argv : argv.slice(0, end);
  const index = words.findIndex((word) => word === flag || word.startsWith(`${flag}=`));
  if (index < 0) return undefined;
  return words[index] === flag ? words[index + 1] : words[index]!.slice(flag.length + 1);
}

function colourFlag(argv: readonly string[]): boolean | undefined {
  if (argv.includes("--no-color") || argv.includes("--color=false")) return false;
  return argv.includes("--color") ? true : undefined;
}

/** The session of this process: its streams, environment, clock and signals. */
export function processSession(argv: readonly string[]): Session {
  let pipeEnds = true;
  const colour = colourFlag(argv);
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      // `arriero list | head -1`: the reader has what it wanted.
      if (pipeEnds) process.exit(EXIT.ok);
    });
  }
  return {
    env: process.env,
    home: homeFolder(early(argv, "--home"), process.env),
    out: createScreen(process.stdout, process.env, { colour }),
    err: createScreen(process.stderr, process.env, { colour }),
    now: Date.now,
    interruption() {
      const controller = new AbortController();
      const stop = () => {
        if (controller.signal.aborted) process.exit(EXIT.interrupted);
        controller.abort(new Interrupted());
      };
      process.on("SIGINT", stop);
      process.on("SIGTERM", stop);
      return controller.signal;
    },
    surviveBrokenPipe() {
      pipeEnds = false;
    },
  };
}
