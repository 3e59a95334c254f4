import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Fault } from "./faults.ts";
import type { Wire, WireAnswer } from "./wires.ts";

export interface FaultyOptions {
  readonly wire: Wire;
  /** The answer, in the pieces it is sent in. */
  readonly pieces: readonly string[];
  /** Null: a healthy server. */
  readonly fault?: Fault | null;
  /** Pieces sent before a fault in the middle. */
  readonly after?: number;
  /** Whether `received` is to tell. */
  readonly recordsBytes?: boolean;
  /** Only this many requests meet the fault. */
  readonly times?: number;
  /** A fault in the middle waits for this: so that what came before it is surely read by itself. */
  readonly gate?: Promise<void>;
}

/** A server that gives one answer, whole or continued, and fails as told. Its `requests` are the bodies it was sent. */
export async function startFaultyUpstream(options: FaultyOptions) {
  const { fault = null, times = Number.POSITIVE_INFINITY } = options;
  const requests: Record<string, unknown>[] = [];
  const asked: { readonly path: string; readonly headers: IncomingHttpHeaders }[] = [];
  let aborted = 0;
  const server = createServer(async (request, response) => {
    const faulty = requests.length < times;
    response.on("close", () => {
      if (!response.writableEnded) aborted++;
    });
    if (fault === "reset before headers" && faulty) {
      request.socket.destroy();
      return;
    }
    const body = await readBody(request);
    asked.push({ path: request.url ?? "", headers: request.headers });
    requests.push(body);
    answer(options, faulty ? fault : null, body, response);
  });
  const connections: Buffer[][] = [];
  if (options.recordsBytes) {
    server.on("connection", (socket) => {
      const chunks: Buffer[] = [];
      connections.push(chunks);
      socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    });
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const { port } = server.address() as AddressInfo;
  if (fault === "refuse connection") await close();
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    /** Where and how each was sent. */
    asked,
    /** Every byte that came, a text for each connection; only where `recordsBytes` is set. */
    received: () => connections.map((chunks) => Buffer.concat(chunks).toString("utf8")),
    /** Answers whose reader left. */
    aborted: () => aborted,
    close,
  };
}

export type FaultyUpstream = Awaited<ReturnType<typeof startFaultyUpstream>>;

function answer(
  { after = 2, gate, pieces, wire }: FaultyOptions,
  fault: Fault | null,
  body: object,
  response: ServerResponse,
): void {
  const refuse = (status: number, headers: Record<string, string> = {}): void => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(wire.refusal(status));
  };
  const { closing, content, opening } = wire.answer(body, pieces);
  const encoding = wire.encoding ?? "utf8";
  const head = opening + content.slice(0, after).join("");
  const rest = content.slice(after);
  const begin = (): void => {
    response.writeHead(200, { "content-type": wire.contentType });
  };
  /** What comes before the fault, and what from there on. */
  const broken = (first: string, then: (string | Buffer)[], end: "end" | "cut" = "end"): void => {
    begin();
    const go = (): void => {
      const bytes = Buffer.concat(then.map((part) => (typeof part === "string" ? Buffer.from(part, encoding) : part)));
      if (end === "end") response.end(bytes);
      else response.write(bytes, () => response.destroy());
    };
    response.write(first, encoding);
    if (gate === undefined) go();
    else void gate.then(go);
  };
  const whole = ({ closing, content, opening }: WireAnswer): void => {
    begin();
    // One write a frame, so that frames come in chunks of their own now and then.
    for (const frame of [opening, ...content, closing]) response.write(frame, encoding);
    response.end();
  };
  switch (fault) {
    case null:
      whole({ opening, content, closing });
      return;
    case "rejects prefill":
      if (wire.isContinued(body)) refuse(400);
      else whole({ opening, content, closing });
      return;
    case "refuse connection":
    case "reset before headers":
      return;
    case "429 with Retry-After":
      refuse(429, { "retry-after": "7" });
      return;
    case "429 without Retry-After":
      refuse(429);
      return;
    case "500":
      refuse(500);
      return;
    case "503":
      refuse(503, { "retry-after": "3" });
      return;
    case "hang before headers":
      return;
    case "slow first byte":
      begin();
      response.flushHeaders();
      return;
    case "cut mid-stream":
      broken(head, [], "cut");
      return;
    case "cut mid-frame":
      broken(head, [(rest[0] ?? closing).slice(0, 12)], "cut");
      return;
    case "stall mid-stream":
      begin();
      response.write(head, encoding);
      return;
    case "malformed chunk":
      broken(head, [wire.frame('{"choices":[{"index":0,'), ...rest, closing]);
      return;
    case "duplicated chunk":
      broken(head, [...content.slice(after - 1), closing]);
      return;
    case "finish out of order":
      broken(head, [closing.replace(wire.end, ""), ...rest, wire.end]);
      return;
    case "error event in the stream":
      broken(head, [wire.error(1 + after)]);
      return;
    case "empty stream":
      begin();
      response.end();
      return;
    case "missing finish and end":
      broken(head, []);
      return;
    case "wrong content type":
      response.writeHead(200, { "content-type": "text/html" }).end("<html>Welcome</html>\n");
      return;
    case "invalid UTF-8":
      broken(head, [(rest[0] ?? closing).slice(0, -4), Buffer.from([0xc3, 0x28]), '"}\n\n']);
      return;
    default:
      fault satisfies never;
  }
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  return JSON.parse(Buffer.concat(await request.toArray()).toString("utf8")) as Record<string, unknown>;
}
