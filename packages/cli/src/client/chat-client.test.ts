import { ERROR_CATALOGUE } from "@arriero/spec";
import { afterEach, describe, expect, it } from "vitest";
import { answerChat, type ScriptedServer, scriptedServer } from "../testing/scripted-server.ts";
import { type ChatPiece, streamChat } from "./chat-client.ts";

let server: ScriptedServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function collect(key: string | null = null, signal?: AbortSignal): Promise<ChatPiece[]> {
  const pieces: ChatPiece[] = [];
  const call = { model: "m", messages: [{ role: "user" as const, content: "hi" }], temperature: 0 };
  for await (const piece of streamChat({ url: server!.url, key }, call, signal)) pieces.push(piece);
  return pieces;
}

describe("streamChat", () => {
  it("gives text, finish and usage, and asks for usage", async () => {
    server = await scriptedServer((_, response) => answerChat(response, ["Good ", "day"]));
    expect(await collect("secret")).toEqual([
      { kind: "text", text: "Good " },
      { kind: "text", text: "day" },
      { kind: "finish", reason: "stop" },
      { kind: "usage", usage: { promptTokens: 9, cachedTokens: 4, completionTokens: 2 } },
    ]);
    expect(server.requests[0]).toMatchObject({
      method: "POST",
      path: "/v1/chat/completions",
      authorization: "Bearer secret",
      body: { model: "m", temperature: 0, stream: true, stream_options: { include_usage: true } },
    });
  });

  it("throws the catalogue's code when the server answers with one", async () => {
    server = await scriptedServer((_, response) => {
      response.writeHead(404).end(JSON.stringify({ error: { message: "There is no model m.", code: "model_not_found" } }));
    });
    await expect(collect()).rejects.toMatchObject({ code: "model_not_found", message: "There is no model m." });
  });

  it("tells the hint apart from the message", async () => {
    server = await scriptedServer((_, response) => {
      const message = `There is no model m. ${ERROR_CATALOGUE.model_not_found.hint}`;
      response.writeHead(404).end(JSON.stringify({ error: { message, code: "model_not_found" } }));
    });
    await expect(collect()).rejects.toMatchObject({ message: "There is no model m." });
  });

  it("shows a page that is no JSON, by its status", async () => {
    server = await scriptedServer((_, response) => {
      response.writeHead(502).end("<h1>Bad gateway</h1>");
    });
    await expect(collect()).rejects.toMatchObject({
      code: "replica_failed",
      message: "The server answered 502: <h1>Bad gateway</h1>",
    });
  });

  it("throws the error event of a stream that had begun", async () => {
    server = await scriptedServer((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write('data: {"choices":[{"delta":{"content":"a"}}]}\n\n');
      response.end('data: {"error":{"message":"gone","code":"replica_failed"}}\n\n');
    });
    await expect(collect()).rejects.toMatchObject({ code: "replica_failed", message: "gone" });
  });

  it("never takes a cut answer for a whole one", async () => {
    server = await scriptedServer((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end('data: {"choices":[{"delta":{"content":"a"}}]}\n\n');
    });
    await expect(collect()).rejects.toMatchObject({ code: "replica_failed" });
  });

  it("stops at an abort with its reason", async () => {
    const controller = new AbortController();
    server = await scriptedServer((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write('data: {"choices":[{"delta":{"content":"a"}}]}\n\n');
      controller.abort(new Error("enough"));
    });
    await expect(collect(null, controller.signal)).rejects.toThrow("enough");
  });

  it("says how to start a server where none answers", async () => {
    server = await scriptedServer(() => undefined);
    const { url } = server;
    await server.close();
    server = { url, requests: [], close: async () => undefined };
    await expect(collect()).rejects.toMatchObject({
      code: "replica_unavailable",
      body: { hint: expect.stringContaining("arriero up") },
    });
  });
});
