import { rmSync } from "node:fs";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, it } from "vitest";
import { run } from "../testing/spawned-command.ts";
import { eventually, type RunningServer, startServer } from "./running-server.ts";

/** Making the database takes seconds, on a busy machine a minute and more. */
const DEADLINE_MS = 180_000;

let server: RunningServer;
beforeAll(async () => {
  server = await startServer(["--require-key"]);
}, DEADLINE_MS);
afterAll(async () => {
  await server.stop();
  // The database's process ends by itself when nobody uses it; its folder may go before.
  rmSync(server.home, { recursive: true, force: true, maxRetries: 50, retryDelay: 200 });
}, DEADLINE_MS);

const json = async (...args: string[]) => {
  const { code, stderr, stdout } = await run([...args, "--json"], { ARRIERO_HOME: server.home, DATABASE_URL: "" });
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
};

it(
  "an issued key works with an unmodified client, within its scope, and its usage is told",
  async () => {
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
  },
  DEADLINE_MS,
);
