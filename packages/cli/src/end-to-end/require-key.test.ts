import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { arriero, freshHome, run } from "../testing/spawned-command.ts";
import { eventually, type RunningServer, startServer } from "./running-server.ts";

/** Making the database takes seconds, on a busy machine a minute and more. */
const DEADLINE_MS = 240_000;

describe("a server that wants keys", { timeout: DEADLINE_MS }, () => {
  let server: RunningServer;
  const home = freshHome();
  beforeAll(async () => {
    server = await startServer(["--require-key"]);
  }, DEADLINE_MS);
  afterAll(async () => {
    await server?.stop();
    rmSync(home, { recursive: true, force: true });
  }, DEADLINE_MS);

  const json = async (...args: string[]) => {
    const { code, stderr, stdout } = await run([...args, "--json"], { ARRIERO_HOME: server.home, DATABASE_URL: "" });
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout);
  };
  /** What a page does: the owner's browser, as far as the server can tell. */
  const ask = (path: string, body: unknown, cookie = ""): Promise<Response> => {
    const headers = { "content-type": "application/json", origin: server.url, ...(cookie === "" ? {} : { cookie }) };
    return fetch(server.url + path, { method: "POST", headers, body: JSON.stringify(body) });
  };

  it("takes an issued key from an unmodified client, within its scope, and tells its usage", async () => {
    const { key, record } = await json("key", "create", "team", "--models", "arriero-demo", "--requests-per-minute", "100");
    const client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: key, maxRetries: 0 });
    const messages = [{ role: "user" as const, content: "Hello" }];
    const asked = client.chat.completions.create({ model: "arriero-demo", messages, max_tokens: 8 });
    const { data, response } = await asked.withResponse();
    expect(data.usage?.completion_tokens).toBeGreaterThan(0);
    expect(response.headers.get("x-ratelimit-remaining-requests")).toBe("99");
    await expect(client.chat.completions.create({ model: "arriero-demo+pirate", messages })).rejects.toMatchObject({
      status: 404,
    });
    const listed = [];
    for await (const model of client.models.list()) listed.push(model.id);
    expect(listed).toEqual(["arriero-demo"]);
    const stranger = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: `ak_${"0".repeat(43)}`, maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toMatchObject({ status: 401, code: "unauthorized" });
    const used = await eventually(async () => {
      const { usage } = await json("usage");
      return usage.length > 0 && usage;
    }, "a row of usage");
    expect(used).toMatchObject([
      { key: record.id, model: "arriero-demo", requests: 1, completionTokens: data.usage?.completion_tokens },
    ]);
  });

  it("lets a command line in by the page, with a key that is kept, used and given back", async () => {
    const env = { ARRIERO_HOME: home, DATABASE_URL: "" };
    const at = ["--url", server.url];
    const owner = { name: "Ana", email: "ana@example.org", password: "llamas cross at dawn" };
    const visited = await ask("/api/auth/first-visit", owner);
    expect(visited.status).toBe(204);
    const cookie = visited.headers.getSetCookie()[0]!.split(";", 1)[0]!;
    expect(await run(["list", ...at], env)).toMatchObject({ code: 1, stderr: expect.stringContaining("[unauthorized]") });

    const login = arriero(["login", ...at], env);
    const code = await eventually(() => /shows the code (\S{9})\./.exec(login.stderr)?.[1], "the code");
    expect(login.stderr).toContain(`Open ${server.url}/device?code=${code}\n`);
    expect((await ask(`/api/device/${code}`, { allow: true }, cookie)).status).toBe(204);
    expect(await login.done).toMatchObject({ code: 0, stdout: expect.stringContaining("as ana@example.org") });
    expect(statSync(join(home, "keys/logins.json")).mode & 0o777).toBe(0o600);

    expect(await run(["list", ...at], env)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^arriero-demo /m) });
    const answer = await run(["run", ...at, "arriero-demo", "What is Arriero?", "--max-tokens", "4"], env);
    expect(answer).toMatchObject({ code: 0, stdout: expect.stringMatching(/\w/) });

    expect(await run(["logout", ...at], env)).toMatchObject({
      code: 0,
      stdout: `Signed out of ${server.url} (ana@example.org).\n`,
    });
    expect((await run(["list", ...at], env)).stderr).toContain("[unauthorized]");
    const keys = await fetch(`${server.url}/api/keys?revoked=true`, { headers: { cookie } });
    expect(await keys.json()).toMatchObject({ entries: [{ name: "arriero login", state: "revoked" }] });
    expect((await run(["logout", ...at], env)).stdout).toBe(`Nobody was signed in to ${server.url}.\n`);
  });
});
