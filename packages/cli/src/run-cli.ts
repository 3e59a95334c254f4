import { runCommand } from "citty";
import { COMMANDS } from "./command-tree.ts";
import { checkArguments } from "./invocation/check-arguments.ts";
import { GLOBAL_ARGS } from "./invocation/command.ts";
import { EXIT, type ExitCode } from "./invocation/exit-code.ts";
import { commandHelp, rootHelp } from "./invocation/help.ts";
import { reportError } from "./invocation/report-error.ts";
import { resolveCommand } from "./invocation/resolve-command.ts";
import type { Session } from "./invocation/session.ts";
import { UsageError } from "./invocation/usage-error.ts";
import { version } from "./invocation/version.ts";

const isHelp = (word: string) => word === "--help" || word === "-h";

/** Words before `--`: what stands after it is never a flag. */
function beforeSeparator(words: readonly string[]): readonly string[] {
  const end = words.indexOf("--");
  return end < 0 ? words : words.slice(0, end);
}

/** Runs `arriero argv...` and gives the exit code. Every error ends up in `session.err`. */
export async function runCli(argv: readonly string[], session: Session): Promise<ExitCode> {
  try {
    const { path, command, rawArgs } = await resolveCommand(COMMANDS, argv);
    const asked = beforeSeparator(rawArgs);
    if (command === null) {
      if (asked.includes("--version") || asked.includes("-v")) {
        session.out.write(`${version()}\n`);
        return EXIT.ok;
      }
      checkArguments(rawArgs, { name: "arriero", args: GLOBAL_ARGS, rest: false });
      session.out.write(await rootHelp(COMMANDS, version(), session.out));
      return EXIT.ok;
    }
    if (asked.some(isHelp)) {
      session.out.write(await commandHelp(path, command, session.out));
      return EXIT.ok;
    }
    const name = ["arriero", ...path].join(" ");
    if (command.run === undefined) {
      throw new UsageError(
        `${name} needs a command: ${Object.keys(command.children).join(", ")}.`,
        `\`${name} --help\` lists them.`,
      );
    }
    checkArguments(rawArgs, { name, args: { ...command.declared, ...GLOBAL_ARGS }, rest: command.rest });
    const { result } = await runCommand(command, { rawArgs: [...rawArgs], data: session });
    return result as ExitCode;
  } catch (thrown) {
    return reportError(thrown, session.err, Boolean(session.env.ARRIERO_DEBUG));
  }
}
