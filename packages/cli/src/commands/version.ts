import { command, JSON_ARG } from "../invocation/command.ts";
import { EXIT } from "../invocation/exit-code.ts";
import { version as read } from "../invocation/version.ts";

export const version = command({
  name: "version",
  summary: "Print the versions of Arriero and Node",
  args: { ...JSON_ARG },
  async run({ json }, { out }) {
    const facts = { arriero: read(), node: process.versions.node, platform: `${process.platform}-${process.arch}` };
    out.write(json ? `${JSON.stringify(facts)}\n` : `arriero ${facts.arriero} (node ${facts.node}, ${facts.platform})\n`);
    return EXIT.ok;
  },
});
