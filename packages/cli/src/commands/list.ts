import { command, JSON_ARG } from "../invocation/command.ts";
import { EXIT } from "../invocation/exit-code.ts";

export const list = command({
  name: "list",
  alias: ["ls"],
  summary: "List the models on this machine, or those of a server",
  args: { url: { type: "string", valueHint: "URL", description: "List what that server has" }, ...JSON_ARG },
  examples: [{ line: "arriero list --json | jq '.[].name'", why: "names alone" }],
  async run({ json, url }, { env, home, out, now }) {
    if (url !== undefined) {
      const { call } = await import("../client/endpoint.ts");
      const { requireServer } = await import("../client/find-server.ts");
      const { readTags, remoteTable } = await import("../models/remote-rows.ts");
      const response = await call(await requireServer({ url, env, home }), "/api/tags");
      const remote = readTags(await response.json());
      out.write(json ? `${JSON.stringify(remote)}\n` : `${remoteTable(remote, now(), out)}\n`);
      return EXIT.ok;
    }
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
