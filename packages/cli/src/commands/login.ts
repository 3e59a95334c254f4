import { command, JSON_ARG } from "../invocation/command.ts";
import { EXIT } from "../invocation/exit-code.ts";
import { URL_ARG } from "./url-arg.ts";

export const login = command({
  name: "login",
  summary: "Sign in to a server by its page, and keep the key it gives",
  args: { ...URL_ARG, ...JSON_ARG },
  examples: [{ line: "arriero login --url https://models.example.org", why: "then other commands with that --url need no key" }],
  async run({ json, url }, session) {
    const { setTimeout: wait } = await import("node:timers/promises");
    const { requireServer } = await import("../client/find-server.ts");
    const { keepLogin, loginPath } = await import("../home/login-file.ts");
    const { deviceLogin } = await import("../login/device-login.ts");
    const { env, err, home, out } = session;
    const server = await requireServer({ url, env, home });
    const signal = session.interruption();
    const { email, key } = await deviceLogin({
      url: server.url,
      now: session.now,
      signal,
      wait: (ms) =>
        wait(ms, undefined, { signal }).catch(() => {
          throw signal.reason;
        }),
      show: ({ code, link }) => err.write(`Open ${link}\nand allow it there, if the page shows the code ${code}. Waiting...\n`),
    });
    await keepLogin(home, { url: server.url, key, email });
    if (json) out.write(`${JSON.stringify({ url: server.url, email })}\n`);
    else out.write(`Signed in to ${server.url} as ${email}. The key is in ${loginPath(home)}.\n`);
    return EXIT.ok;
  },
});
