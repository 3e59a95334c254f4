import { command, JSON_ARG } from "../invocation/command.ts";
import { EXIT } from "../invocation/exit-code.ts";

export const keyRevoke = command({
  name: "revoke",
  summary: "End API keys",
  args: {
    key: { type: "positional", required: true, description: "Id or prefix of the key; more may follow" },
    ...JSON_ARG,
  },
  rest: true,
  examples: [{ line: "arriero key revoke ak_4dMYkZ", why: "by the prefix that `key list` shows" }],
  async run({ _: named, json }, session) {
    const { withStore } = await import("../keys/open-keys.ts");
    await withStore(session, async ({ keys }) => {
      const revoked = [];
      for (const each of named) {
        const key = await keys.revoke(each);
        revoked.push(key);
        if (!json) session.out.write(`revoked ${key.prefix} (${key.name})\n`);
      }
      if (json) session.out.write(`${JSON.stringify(revoked)}\n`);
    });
    return EXIT.ok;
  },
});
