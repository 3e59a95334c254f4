import { COMMANDS } from "../command-tree.ts";
import { command } from "../invocation/command.ts";
import { EXIT } from "../invocation/exit-code.ts";
import { commandHelp, rootHelp } from "../invocation/help.ts";
import { resolveCommand } from "../invocation/resolve-command.ts";
import { version } from "../invocation/version.ts";

export const help = command({
  name: "help",
  summary: "Explain a command",
  args: { command: { type: "positional", required: false, description: "The command to explain; none lists all of them" } },
  rest: true,
  async run({ _: words }, { out }) {
    const { path, command: found } = await resolveCommand(COMMANDS, words);
    out.write(found === null ? await rootHelp(COMMANDS, version(), out) : await commandHelp(path, found, out));
    return EXIT.ok;
  },
});
