import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { announce } from "../announce.ts";
import { closingFrames, pieceFrame, wholeBody } from "./chat-bodies.ts";
import { PacedStreams } from "./paced-streams.ts";

/**
 * An OpenAI-compatible server that computes nothing: what is measured before it is the gateway. `max_tokens` says how long
 * an answer is; `seed` how many milliseconds lie between two tokens of a stream, 0: none.
 */
const TOKENS = 32;
const WHOLE = Buffer.from(wholeBody(TOKENS));
const AT_ONCE = Array.from({ length: TOKENS }, (_, index) => pieceFrame(index)).join("");

const paced = new PacedStreams();

interface Asked {
  readonly max_tokens?: number;
  readonly seed?: number;
  readonly stream_options?: { readonly include_usage?: boolean } | null;
}

function answer(response: ServerResponse, body: Buffer): void {
  if (!body.includes('"stream":true')) {
    response.writeHead(200, { "content-type": "application/json", "content-length": WHOLE.length }).end(WHOLE);
    return;
  }
  const { max_tokens: tokens = TOKENS, seed: intervalMs = 0, stream_options: options } = JSON.parse(body.toString()) as Asked;
  const includeUsage = options?.include_usage === true;
  response.writeHead(200, { "content-type": "text/event-stream" });
  if (intervalMs > 0 && intervalMs <= 10_000) paced.add(response, { tokens, intervalMs, includeUsage });
  else response.end(AT_ONCE + closingFrames(TOKENS, includeUsage));
}

function serve(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => answer(response, chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
}

const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0, noDelay: true }, serve);
server.maxConnections = 20_000;
server.listen(0, "127.0.0.1", 4096, () => announce(server));
