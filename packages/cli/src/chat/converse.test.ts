import { spawnSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { answerChat, type ScriptedServer, scriptedServer } from "../testing/scripted-server.ts";
import { freshHome, MAIN, run, SpawnedCommand } from "../testing/spawned-command.ts";

interface Body {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly [key: string]: unknown;
}

let server: ScriptedServer;
const bodies = () => server.requests.filter(({ path }) => path.endsWith("completions")).map(({ body }) => body as Body);

beforeEach(async () => {
  server = await scriptedServer((request, response) => {
    const last = (request.body as Body | null)?.messages.at(-1)?.content ?? "";
    if (request.path.startsWith("/v1/models/")) return void response.writeHead(200).end("{}");
    if (last.startsWith("too long") && (request.body as Body).messages.length > 1) {
      return void response.writeHead(400).end(JSON.stringify({ error: { message: "full", code: "context_length_exceeded" } }));
    }
    if (last === "hang") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      return void response.write('data: {"choices":[{"delta":{"content":"beginning "}}]}\n\n');
    }
    answerChat(response, ["You said ", `${last}.`]);
  });
});
afterEach(() => server.close());

describe("arriero run, by pipes", () => {
  const ask = (args: readonly string[], input = "", env: Record<string, string> = {}) =>
    run(["run", "arriero-demo", ...args, "--url", server.url], env, input);

  it("answers a prompt and ends", async () => {
    expect(await ask(["hello", "there"])).toEqual({ code: 0, stdout: "You said hello there.\n", stderr: "" });
  });
  it("answers what is piped in", async () => {
    expect((await ask([], "hi\n")).stdout).toBe("You said hi.\n");
  });
  it("puts the prompt before what is piped", async () => {
    await ask(["summarise"], "long text\n");
    expect(bodies()[0]?.messages).toEqual([{ role: "user", content: "summarise\n\nlong text" }]);
  });
  it("sends what the flags say", async () => {
    const home = freshHome();
    const schema = join(home, "schema.json");
    writeFileSync(schema, '{"type":"object"}');
    await ask(["x", "--system", "Be brief.", "--temperature", "0", "--seed", "7", "--max-tokens", "5", "--json-schema", schema]);
    expect(bodies()[0]).toMatchObject({
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "x" },
      ],
      temperature: 0,
      seed: 7,
      max_tokens: 5,
      response_format: { type: "json_schema", json_schema: { schema: { type: "object" } } },
    });
  });
  it("finds the server by ARRIERO_HOST and sends the key", async () => {
    await run(["run", "arriero-demo", "x"], { ARRIERO_HOST: server.url, ARRIERO_API_KEY: "k" });
    expect(server.requests[0]?.authorization).toBe("Bearer k");
  });
  it("writes timings to standard error alone", async () => {
    const { stderr, stdout } = await ask(["x", "--verbose"]);
    expect(stdout).toBe("You said x.\n");
    expect(stderr).toMatch(/^first text after .* 9 prompt tokens \(4 cached\)/);
  });
  it("says so where there is nothing to ask", async () => expect((await ask([])).code).toBe(2));
  it("refuses a setting out of its bounds", async () => {
    expect(await ask(["x", "--temperature", "hot"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("temperature is a number from 0 to 10"),
    });
  });
});

/** Gives a command a terminal of its own. */
const TERMINAL = "script";
const hasTerminal = spawnSync(TERMINAL, ["-qfec", "true", "/dev/null"]).status === 0;

describe.skipIf(!hasTerminal)("arriero run, in a terminal (skipped where util-linux script is missing)", () => {
  const CTRL_C = "\u0003";
  const CTRL_D = "\u0004";

  function terminal(home: string): { command: SpawnedCommand; type(text: string): void; seen(): string } {
    const line = `"${process.execPath}" "${MAIN}" run arriero-demo --url ${server.url}`;
    const command = new SpawnedCommand(TERMINAL, ["-qfec", line, "/dev/null"], {
      ARRIERO_HOME: home,
      TERM: "xterm-256color",
      LANG: "C.UTF-8",
      SHELL: "/bin/sh",
    });
    return {
      command,
      type: (text) => command.child.stdin.write(text),
      seen: () => stripVTControlCharacters(command.stdout),
    };
  }

  it("converses, remembers, obeys commands and keeps its history", async () => {
    const home = freshHome();
    const { command, type } = terminal(home);
    let at = await command.until("> ");
    type("hello\r");
    at = await command.until("You said hello.", at);
    type('"""one\rtwo"""\r');
    at = await command.until("two.", await command.until("You said one", at));
    type("/set temperature 0.5\r");
    type("/set system Be kind.\r");
    type("/set colour red\r");
    at = await command.until('"colour" is no setting', at);
    type("again\r");
    at = await command.until("You said again.", at);
    type("/clear\r");
    at = await command.until("A new conversation.", at);
    type("fresh\r");
    at = await command.until("You said fresh.", at);
    type("/save trip\r");
    at = await command.until("/load trip", at);
    type("/bye\r");
    expect((await command.done).code).toBe(0);
    const sent = bodies();
    expect(sent.map(({ messages }) => messages.length)).toEqual([1, 3, 6, 2]);
    expect(sent[1]?.messages[2]?.content).toBe("one\ntwo");
    expect(sent[2]).toMatchObject({ temperature: 0.5, messages: [{ role: "system", content: "Be kind." }, {}, {}, {}, {}, {}] });
    const history = readFileSync(join(home, "history"), "utf8");
    expect(history).toContain("hello\n");
    expect(statSync(join(home, "history")).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(join(home, "chats", "trip.json"), "utf8"))).toMatchObject({
      model: "arriero-demo",
      system: "Be kind.",
    });
  });

  it("stops an answer at Ctrl-C, leaves at the second one on an empty line", async () => {
    const { command, type, seen } = terminal(freshHome());
    let at = await command.until("> ");
    type("hang\r");
    at = await command.until("beginning", at);
    type(CTRL_C);
    at = await command.until("> ", at);
    type(CTRL_C);
    at = await command.until("Ctrl-C again", at);
    type(CTRL_C);
    expect((await command.done).code).toBe(0);
    expect(seen()).not.toContain("error [");
  });

  it("leaves the oldest turns out when the context is full", async () => {
    const { command, type } = terminal(freshHome());
    let at = await command.until("> ");
    type("first\r");
    at = await command.until("You said first.", at);
    type("too long\r");
    at = await command.until("oldest turns are left out", at);
    at = await command.until("You said too long.", at);
    type(CTRL_D);
    expect((await command.done).code).toBe(0);
    expect(bodies().at(-1)?.messages).toEqual([{ role: "user", content: "too long" }]);
  });

  it("shows an error and goes on", async () => {
    const { command, type } = terminal(freshHome());
    const at = await command.until("> ");
    await server.close();
    type("hello\r");
    await command.until("error [replica_unavailable]", at);
    type(CTRL_D);
    expect((await command.done).code).toBe(0);
  });
});
