import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ArrieroError } from "@arriero/spec";
import { formatModel, formatModels } from "../models.ts";
import { SSE_HEADERS } from "../sse-headers.ts";

export interface ScriptedServer {
  /** Without a path. */
  readonly url: string;
  close(): Promise<void>;
}

interface FormattedError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface ScriptedDialect {
  /** Of every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** What a route says to a body: frames for a stream, anything else for JSON; null: there is no such route. */
  answer(path: string, body: unknown): Promise<unknown>;
  formatError(thrown: unknown): FormattedError;
}

const MODELS = [{ name: "m", adapters: ["pirate"], created: 1_750_000_000 }];

/** The smallest server that can be made of a dialect's parse and format, for real clients to talk to. */
export async function startScriptedServer(dialect: ScriptedDialect): Promise<ScriptedServer> {
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(dialect.headers)) response.setHeader(name, value);
    answer(request, response, dialect).catch((thrown) => {
      const { status, headers, body } = dialect.formatError(thrown);
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

async function answer(request: IncomingMessage, response: ServerResponse, dialect: ScriptedDialect): Promise<void> {
  const path = new URL(request.url ?? "/", "http://localhost").pathname;
  if (path === "/v1/models") return sendJson(response, formatModels(MODELS));
  if (path.startsWith("/v1/models/")) {
    return sendJson(response, formatModel(MODELS, decodeURIComponent(path.slice("/v1/models/".length))));
  }
  const answered = await dialect.answer(path, JSON.parse(Buffer.concat(await request.toArray()).toString()));
  if (answered === null) throw new ArrieroError("not_found", `There is no route ${path}.`);
  if (isStream(answered)) await sendFrames(response, answered);
  else sendJson(response, answered);
}

const isStream = (answered: unknown): answered is AsyncGenerator<string> =>
  typeof answered === "object" && answered !== null && Symbol.asyncIterator in answered;

function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}

async function sendFrames(response: ServerResponse, frames: AsyncGenerator<string>): Promise<void> {
  // Errors before the first frame still have a status.
  const first = await frames.next();
  response.writeHead(200, SSE_HEADERS);
  if (!first.done) response.write(first.value);
  for await (const frame of frames) response.write(frame);
  response.end();
}
