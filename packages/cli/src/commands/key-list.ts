import { command, JSON_ARG } from "../invocation/command.ts";
import { EXIT } from "../invocation/exit-code.ts";

export const keyList = command({
  name: "list",
  alias: ["ls"],
  summary: "List API keys, newest first",
  args: { all: { type: "boolean", description: "Show revoked keys too" }, ...JSON_ARG },
  async run({ all, json }, session) {
    const { withStore } = await import("../keys/open-keys.ts");
    const { keyTable } = await import("../keys/key-rows.ts");
    const { now, out } = session;
    const keys = await withStore(session, (store) => store.keys.list({ revoked: all === true }));
    out.write(json ? `${JSON.stringify(keys)}\n` : `${keyTable(keys, now(), out)}\n`);
    return EXIT.ok;
  },
});
