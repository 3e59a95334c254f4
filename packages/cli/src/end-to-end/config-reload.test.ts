import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { findBinaries } from "@arriero/ggml";
import { afterEach, describe, expect, it } from "vitest";
import { answerChat, type ScriptedServer, scriptedServer } from "../testing/scripted-server.ts";
import { arriero, freshHome, type SpawnedCommand } from "../testing/spawned-command.ts";
import { eventually } from "./running-server.ts";

const native = findBinaries().some(({ verdict }) => verdict === "used");
const TIMEOUT_MS = 90_000;

let command: SpawnedCommand | undefined;
const scripted: ScriptedServer[] = [];
afterEach(async () => {
  if (command?.child.exitCode === null) command.child.kill("SIGKILL");
  await command?.done;
  for (const server of scripted.splice(0)) await server.close();
});

async function backend(answer: (response: ServerResponse) => void) {
  const server = await scriptedServer((_, response) => answer(response));
  scripted.push(server);
  return server;
}

const configOf = (url: string, more = "") =>
  `models:\n  llama:\n    backends:\n      - { id: there, kind: openai, url: ${url}/v1, boundary: documented }\n${more}`;

describe.skipIf(!native)("the configuration of a running server (skipped where there are no native binaries)", () => {
  it("changes by signal and by file while a stream runs on, and never to a wrong one", { timeout: TIMEOUT_MS }, async () => {
    // Held open until the configuration has moved on to the other one.
    let finish: () => void = () => undefined;
    const first = await backend((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const chunk = (content: string) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
      response.write(`data: ${JSON.stringify(chunk("begun "))}\n\n`);
      finish = () => {
        response.write(`data: ${JSON.stringify(chunk("and ended"))}\n\n`);
        response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] })}\n\n`);
        response.end("data: [DONE]\n\n");
      };
    });
    const second = await backend((response) => answerChat(response, ["from ", "the ", "second"]));
    const home = freshHome();
    const file = join(home, "arriero.yaml");
    writeFileSync(file, configOf(first.url));
    command = arriero(["up", "--port", "0", "--config", file], { ARRIERO_HOME: home });
    await command.until("ready  arriero-demo at ");
    const { url } = JSON.parse(readFileSync(join(home, "run", "server.json"), "utf8")) as { url: string };

    const ask = (stream: boolean) =>
      fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ model: "llama", stream, messages: [{ role: "user", content: "Hello" }] }),
      });
    const reloads = async (result: string) => {
      const metrics = await (await fetch(`${url}/metrics`)).text();
      return Number(new RegExp(`arriero_config_reload_total\\{result="${result}"\\} (\\d+)`).exec(metrics)?.[1] ?? 0);
    };
    const log = () => readFileSync(join(home, "logs", "arriero.log"), "utf8");

    const stream = await ask(true);
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = (await reader.read()).value ?? "";
    expect(text).toContain("begun ");

    writeFileSync(file, configOf(second.url, "maxLoaded: 5\n"));
    command.child.kill("SIGHUP");
    await eventually(async () => (await reloads("applied")) === 1, "the new configuration");
    expect(log()).toContain("only after a restart: maxLoaded");
    const answered = (await (await ask(false)).json()) as { choices: { message: { content: string } }[] };
    expect(answered.choices[0]?.message.content).toBe("from the second");
    expect(first.requests.length).toBe(1);

    finish();
    for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
    expect(text).toContain("and ended");
    expect(text.trimEnd().endsWith("data: [DONE]")).toBe(true);

    // A wrong one, put in place as editors do, and no signal.
    writeFileSync(`${file}.new`, `${configOf(first.url)}limits:\n  idleMs: never\n`);
    renameSync(`${file}.new`, file);
    await eventually(async () => (await reloads("refused")) >= 1, "the refusal");
    await eventually(() => command!.stderr.includes("limits.idleMs"), "the refusal's reason");
    expect(log()).toContain(`${file}:6:3: limits.idleMs`);
    expect((await ask(false)).status).toBe(200);
    expect(first.requests.length).toBe(1);

    writeFileSync(file, configOf(second.url, "limits: { requests: 7 }\n"));
    await eventually(async () => (await reloads("applied")) === 2, "the mended configuration");
    command.child.kill("SIGTERM");
    expect((await command.done).code).toBe(0);
  });
});
