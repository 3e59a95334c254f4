import { command } from "../invocation/command.ts";
import { EXIT } from "../invocation/exit-code.ts";

export const cp = command({
  name: "cp",
  summary: "Give a model a second name; the file is not copied",
  args: {
    from: { type: "positional", required: true, description: "Name of the model" },
    to: { type: "positional", required: true, description: "Its other name" },
  },
  async run({ from, to }, { home, out }) {
    const { openStore } = await import("../models/open-store.ts");
    const stored = await openStore(home).copy(from, to);
    out.write(`${from} is now also ${stored.name}\n`);
    return EXIT.ok;
  },
});
