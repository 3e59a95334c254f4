import { command, JSON_ARG } from "../invocation/command.ts";
import { EXIT } from "../invocation/exit-code.ts";
import { URL_ARG } from "./url-arg.ts";

export const logout = command({
  name: "logout",
  summary: "Give back the key that login was given, and forget it",
  args: { ...URL_ARG, ...JSON_ARG },
  async run({ json, url }, { env, err, home, out }) {
    const { requireServer } = await import("../client/find-server.ts");
    const { forgetLogin, readLogins } = await import("../home/login-file.ts");
    const { giveBack } = await import("../login/give-back.ts");
    const server = await requireServer({ url, env, home });
    const kept = (await readLogins(home)).find((login) => login.url === server.url);
    const revoked = kept !== undefined && (await giveBack(kept));
    if (kept !== undefined) await forgetLogin(home, server.url);
    if (json) out.write(`${JSON.stringify({ url: server.url, wasSignedIn: kept !== undefined, revoked })}\n`);
    else if (kept === undefined) out.write(`Nobody was signed in to ${server.url}.\n`);
    else out.write(`Signed out of ${server.url} (${kept.email}).\n`);
    if (kept !== undefined && !revoked) err.write("The server did not take the key back: revoke it on its page, under Keys.\n");
    return EXIT.ok;
  },
});
