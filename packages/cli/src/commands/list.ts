import { command, JSON_ARG } from "../invocation/command.ts";
import { EXIT } from "../invocation/exit-code.ts";

export const list = command({
  name: "list",
  alias: ["ls"],
  summary: "List the models on this machine",
  args: { ...JSON_ARG },
  examples: [{ line: "arriero list --json | jq '.[].name'", why: "names alone" }],
  async run({ json }, { home, out, now }) {
    const { openStore } = await import("../models/open-store.ts");
    const { modelTable } = await import("../models/model-rows.ts");
    const store = openStore(home);
    const models = await Promise.all(
      (await store.list()).map(async (stored) => ({ stored, description: await store.describe(stored.name).catch(() => null) })),
    );
    if (json) out.write(`${JSON.stringify(models.map(({ stored, description }) => ({ ...stored, description })))}\n`);
    else out.write(`${modelTable(models, now(), out)}\n`);
    return EXIT.ok;
  },
});
