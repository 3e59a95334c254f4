import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

export interface ScriptedServer {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  close(): Promise<void>;
}

/** A server on loopback that answers each request by `answer` and remembers what it was asked. */
export async function scriptedServer(
  answer: (request: SeenRequest, response: ServerResponse) => void | Promise<void>,
): Promise<ScriptedServer> {
  const requests: SeenRequest[] = [];
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const raw = await text(request);
    const seen = {
      method: request.method ?? "",
      path: request.url ?? "",
      authorization: request.headers.authorization,
      body: raw === "" ? null : (JSON.parse(raw) as unknown),
    };
    requests.push(seen);
    await answer(seen, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers a streamed chat completion with these words, usage and `[DONE]`. */
export function answerChat(response: ServerResponse, words: readonly string[]): void {
  const send = (value: unknown) => response.write(`data: ${JSON.stringify(value)}\n\n`);
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const content of words) send({ choices: [{ index: 0, delta: { content }, finish_reason: null }], usage: null });
  send({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }], usage: null });
  send({
    choices: [],
    usage: {
      prompt_tokens: 9,
      completion_tokens: words.length,
      total_tokens: 9 + words.length,
      prompt_tokens_details: { cached_tokens: 4 },
    },
  });
  response.end("data: [DONE]\n\n");
}
