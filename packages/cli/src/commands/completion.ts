import { COMMANDS } from "../command-tree.ts";
import { command } from "../invocation/command.ts";
import { EXIT } from "../invocation/exit-code.ts";
import { nearest } from "../invocation/suggestion.ts";
import { UsageError } from "../invocation/usage-error.ts";

const SHELLS = ["bash", "zsh", "fish"] as const;
type Shell = (typeof SHELLS)[number];

export const completion = command({
  name: "completion",
  summary: "Print a completion script for bash, zsh or fish",
  args: { shell: { type: "positional", required: true, valueHint: SHELLS.join("|"), description: "bash, zsh or fish" } },
  examples: [
    { line: 'eval "$(arriero completion bash)"', why: "in ~/.bashrc" },
    { line: "source <(arriero completion zsh)", why: "in ~/.zshrc" },
    { line: "arriero completion fish | source", why: "in ~/.config/fish/config.fish" },
  ],
  async run({ shell }, { out }) {
    if (!SHELLS.includes(shell as Shell)) {
      const near = nearest(shell, SHELLS);
      throw new UsageError(`SHELL is one of ${SHELLS.join(", ")}, but was "${shell}".`, `arriero completion ${near ?? "bash"}`);
    }
    const { describeTree } = await import("../completion/describe-tree.ts");
    const { bashCompletion } = await import("../completion/bash.ts");
    const { zshCompletion } = await import("../completion/zsh.ts");
    const { fishCompletion } = await import("../completion/fish.ts");
    const write = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion }[shell as Shell];
    out.write(write(await describeTree(COMMANDS)));
    return EXIT.ok;
  },
});
