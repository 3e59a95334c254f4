import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  ArrieroError,
  type EmbeddingRequest,
  type EmbeddingResult,
  type GenerationEvent,
  type GenerationRequest,
} from "@arriero/spec";
import { formatModel, formatModels } from "../../models.ts";
import { SSE_HEADERS } from "../../sse-headers.ts";
import { CONTEXT, scripted, settled } from "../../testing/scripted-events.ts";
import * as openai from "../index.ts";

/** What stands in for the engine. May throw an ArrieroError. */
export interface ScriptedEngine {
  generate(request: GenerationRequest): readonly GenerationEvent[];
  embed(request: EmbeddingRequest): EmbeddingResult;
}

export interface ScriptedServer {
  readonly url: string;
  close(): Promise<void>;
}

/** The smallest server that can be made of parse and format, for real clients to talk to. */
export async function startScriptedServer(engine: ScriptedEngine): Promise<ScriptedServer> {
  const server = createServer((request, response) => {
    answer(request, response, engine).catch((thrown) => {
      const { status, headers, body } = openai.formatError(thrown);
      response.writeHead(status, { ...headers, "content-type": "application/json" }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
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
    case "/v1/chat/completions": {
      const { request: asked, presentation } = openai.parseChat(body, CONTEXT);
      const events = scripted(engine.generate(settled(asked)));
      if (presentation.stream) return sendFrames(response, openai.streamChat(events, presentation));
      return sendJson(response, await openai.collectChat(events, presentation));
    }
    case "/v1/completions": {
      const { requests, presentation } = openai.parseCompletion(body, CONTEXT);
      const streams = requests.map((each) => scripted(engine.generate(settled(each))));
      if (presentation.stream) return sendFrames(response, openai.streamCompletion(streams, presentation));
      return sendJson(response, await openai.collectCompletion(streams, presentation));
    }
    case "/v1/responses": {
      const { request: asked, presentation } = openai.parseResponse(body, CONTEXT);
      const events = scripted(engine.generate(settled(asked)));
      if (presentation.stream) return sendFrames(response, openai.streamResponse(events, presentation));
      return sendJson(response, await openai.collectResponse(events, presentation));
    }
    case "/v1/embeddings": {
      const { request: asked, presentation } = openai.parseEmbeddings(body, CONTEXT);
      return sendJson(response, openai.formatEmbeddings(engine.embed(asked), presentation));
    }
    default:
      throw new ArrieroError("not_found", `There is no route ${path}.`);
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString());
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
