import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ArrieroError, type GenerationEvent, type GenerationInput, type GenerationRequest } from "@arriero/spec";
import { formatModel, formatModels } from "../../models.ts";
import { SSE_HEADERS } from "../../sse-headers.ts";
import { scripted, settled } from "../../testing/scripted-events.ts";
import * as anthropic from "../index.ts";
import { CONTEXT } from "./fixture.ts";

/** What stands in for the engine. May throw an ArrieroError. */
export interface ScriptedEngine {
  generate(request: GenerationRequest): readonly GenerationEvent[];
  count(input: GenerationInput): number;
}

export interface ScriptedServer {
  readonly url: string;
  close(): Promise<void>;
}

/** The smallest server that can be made of parse and format, for a real client to talk to. */
export async function startScriptedServer(engine: ScriptedEngine): Promise<ScriptedServer> {
  const server = createServer((request, response) => {
    response.setHeader("request-id", CONTEXT.requestId);
    answer(request, response, engine).catch((thrown) => {
      const { status, headers, body } = anthropic.formatError(thrown, CONTEXT.requestId);
      response.writeHead(status, { ...headers, "content-type": "application/json" }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, engine: ScriptedEngine): Promise<void> {
  const path = new URL(request.url ?? "/", "http://localhost").pathname;
  const models = [{ name: "m", adapters: ["pirate"], created: 1_750_000_000 }];
  if (path === "/v1/models") return sendJson(response, formatModels(models));
  if (path.startsWith("/v1/models/")) {
    return sendJson(response, formatModel(models, decodeURIComponent(path.slice("/v1/models/".length))));
  }
  const body = await readJson(request);
  switch (path) {
    case "/v1/messages": {
      const { presentation, request: asked } = anthropic.parseMessage(body, CONTEXT);
      const events = scripted(engine.generate(settled(asked)));
      if (presentation.stream) return sendFrames(response, anthropic.streamMessage(events, presentation));
      return sendJson(response, await anthropic.collectMessage(events, presentation));
    }
    case "/v1/messages/count_tokens":
      return sendJson(response, anthropic.formatTokenCount(engine.count(anthropic.parseTokenCount(body).input)));
    default:
      throw new ArrieroError("not_found", `There is no route ${path}.`);
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  return JSON.parse(Buffer.concat(await request.toArray()).toString());
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function sendFrames(response: ServerResponse, frames: AsyncGenerator<string>): Promise<void> {
  const first = await frames.next();
  response.writeHead(200, SSE_HEADERS);
  if (!first.done) response.write(first.value);
  for await (const frame of frames) response.write(frame);
  response.end();
}
