import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pieceAt } from "./texts.ts";

/** Tokens a second. */
export const PACE = 100;
const INTERVAL_MS = 1000 / PACE;

/** A model by OpenAI's API that says a long text at an even pace; `max_tokens` says how long. */
export async function startPacedModel(): Promise<{ readonly port: number; stop(): void }> {
  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return {
    port: (server.address() as AddressInfo).port,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { max_tokens: tokens = PACE } = JSON.parse(Buffer.concat(chunks).toString() || "{}") as { max_tokens?: number };
  response.writeHead(200, { "content-type": "text/event-stream" });
  const startedAt = performance.now();
  let sent = 0;
  // What is due by the clock is sent: a late timer loses no token.
  const timer = setInterval(() => {
    const due = Math.min(tokens, Math.floor((performance.now() - startedAt) / INTERVAL_MS));
    for (; sent < due; sent++) response.write(frame({ delta: { content: pieceAt(sent) }, finish_reason: null }));
    if (sent < tokens) return;
    clearInterval(timer);
    response.end(`${frame({ delta: {}, finish_reason: "stop" })}${usage(tokens)}data: [DONE]\n\n`);
  }, INTERVAL_MS);
  response.once("close", () => clearInterval(timer));
}

const IDENTITY = { id: "chatcmpl-paced", object: "chat.completion.chunk", created: 1_750_000_000, model: "paced" };
const frame = (choice: object): string => `data: ${JSON.stringify({ ...IDENTITY, choices: [{ index: 0, ...choice }] })}\n\n`;
const usage = (tokens: number): string => {
  const counts = { prompt_tokens: 24, completion_tokens: tokens, total_tokens: tokens + 24 };
  return `data: ${JSON.stringify({ ...IDENTITY, choices: [], usage: counts })}\n\n`;
};
