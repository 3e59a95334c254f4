import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A file and how well the server knows HTTP. */
export interface ServedFile {
  bytes: Buffer;
  etag?: string;
  lastModified?: string;
  /** Default true. */
  ranges?: boolean;
  /** Sent without a length, in chunks. */
  chunked?: boolean;
  headers?: Record<string, string>;
}

/** What one request asked for and got. */
export interface SeenRequest {
  readonly path: string;
  readonly range: string | undefined;
  readonly headers: IncomingMessage["headers"];
  status: number;
  /** Bytes of the body handed to the socket. */
  sentBytes: number;
}

/** Answers the request by itself and returns true, or returns false to let the file be served. */
export type Fault = (request: IncomingMessage, response: ServerResponse, seen: SeenRequest) => boolean;

/** An HTTP server with ranges, conditions and faults, for tests. */
export class FileServer {
  readonly files = new Map<string, ServedFile>();
  readonly requests: SeenRequest[] = [];
  fault: Fault = () => false;
  readonly #server: Server = createServer((request, response) => this.#answer(request, response));

  static async start(): Promise<FileServer> {
    const server = new FileServer();
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Body bytes sent for files, in all. */
  get sentBytes(): number {
    return this.requests.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent((request.url ?? "/").split("?")[0] ?? "/");
    const seen: SeenRequest = { path, range: request.headers.range, headers: request.headers, status: 0, sentBytes: 0 };
    this.requests.push(seen);
    response.on("error", () => undefined);
    response.on("close", () => {
      seen.status = response.statusCode;
    });
    if (this.fault(request, response, seen)) return;
    const file = this.files.get(path);
    if (file === undefined) {
      response.writeHead(404).end("not here");
      return;
    }
    const { status, headers, body } = answerFor(file, request);
    response.writeHead(status, headers);
    seen.sentBytes = body.length;
    response.end(body);
  }
}

/** The status, headers and body that a correct server gives for `file`. */
export function answerFor(
  file: ServedFile,
  request: IncomingMessage,
): { status: number; headers: Record<string, string>; body: Buffer } {
  const headers: Record<string, string> = { ...file.headers };
  if (file.etag !== undefined) headers.etag = file.etag;
  if (file.lastModified !== undefined) headers["last-modified"] = file.lastModified;
  const total = file.bytes.length;
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const condition = request.headers["if-range"];
  const current = condition === undefined || condition === file.etag || condition === file.lastModified;
  if (range === null || file.ranges === false || !current) {
    if (file.chunked !== true) headers["content-length"] = String(total);
    return { status: 200, headers, body: file.bytes };
  }
  const from = Number(range[1]);
  const to = Math.min(total - 1, range[2] === "" ? total - 1 : Number(range[2]));
  if (from >= total) return { status: 416, headers: { ...headers, "content-range": `bytes */${total}` }, body: Buffer.alloc(0) };
  headers["content-range"] = `bytes ${from}-${to}/${total}`;
  headers["content-length"] = String(to - from + 1);
  return { status: 206, headers, body: file.bytes.subarray(from, to + 1) };
}
