import { command } from "../invocation/command.ts";
import { EXIT } from "../invocation/exit-code.ts";

export const rm = command({
  name: "rm",
  alias: ["remove"],
  summary: "Remove models from this machine",
  args: { model: { type: "positional", required: true, description: "Name of the model; more names may follow" } },
  rest: true,
  async run({ _: names }, { home, out }) {
    const { openStore } = await import("../models/open-store.ts");
    const store = openStore(home);
    for (const name of names) {
      await store.remove(name);
      out.write(`removed ${name}\n`);
    }
    return EXIT.ok;
  },
});
