import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "@arriero/fleet";
import { ArrieroError } from "@arriero/spec";
import type { Person } from "../accounts/person.ts";
import type { GatewayLimits } from "../gateway-limits.ts";
import type { ModelScope } from "../models/visible-models.ts";
import type { RequestIds } from "../request-id.ts";
import { residencyOfBody } from "../routing/asked-residency.ts";
import type { RequestAccount } from "../usage/request-account.ts";
import type { Principal } from "./principal.ts";
import { readBytes, readJsonBody, requireBytes } from "./read-body.ts";
import { Tally } from "./tally.ts";

export interface ExchangeOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly ids: RequestIds;
  readonly limits: GatewayLimits;
  readonly clock: Clock;
  /** What was read and counted before; null: nothing was. */
  readonly begun?: BegunExchange | null;
}

/** An exchange that was begun on another way. */
export interface BegunExchange {
  readonly body: Buffer;
  readonly tally: Tally;
  readonly startedAt: number;
}

/** Nobody in particular may use no model. */
const NOTHING: ModelScope = { models: [] };

const LINE_END = Buffer.from("\r\n");
const LAST_CHUNK = "0\r\n\r\n";

/** One request and its answer. */
export class Exchange {
  readonly ids: RequestIds;
  readonly tally: Tally;
  readonly startedAt: number;
  /** Who asks; null on routes that are open to anyone. */
  principal: Principal | null = null;
  /** Keeps the request in the ledger and within its key's limits; null: nothing is kept of it. */
  account: RequestAccount | null = null;
  /** Who is signed in, on the page's routes that want somebody; null elsewhere. */
  person: Person | null = null;
  /** What the path's `{name}` stood for. */
  parameter = "";
  /** The error answered, for the log. */
  error: ArrieroError | null = null;
  readonly #options: ExchangeOptions;
  /** Of the answer, beside those that its kind has: given to Node at once, since each by itself costs more than all. */
  readonly #headers: Record<string, string | readonly string[]>;
  readonly #gone = new AbortController();
  /** The frames of the answer are chunks of HTTP/1.1. */
  #isChunked = false;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.ids = options.ids;
    this.tally = options.begun?.tally ?? new Tally();
    this.startedAt = options.begun?.startedAt ?? options.clock.now();
    // The second is where Anthropic's clients look for it.
    this.#headers = { "x-request-id": options.ids.request, "request-id": options.ids.request };
    // A write that meets a closed connection is reported by `close` as well.
    options.response.on("error", () => undefined);
    options.response.once("close", () => {
      if (!options.response.writableFinished) this.abort(new ArrieroError("cancelled", "The caller closed the connection."));
    });
  }

  /** Whom the request is charged to. */
  get client(): string {
    return this.principal?.id ?? "anonymous";
  }

  /** What the caller may use. */
  get scope(): ModelScope {
    return this.principal?.scopes ?? NOTHING;
  }

  /** Aborts when nobody waits for the answer any more; its reason is an ArrieroError. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  get query(): URLSearchParams {
    return new URLSearchParams(this.#options.request.url?.split("?", 2)[1] ?? "");
  }

  get headersSent(): boolean {
    return this.#options.response.headersSent;
  }

  /** Nothing that is written would be read. */
  get isClosed(): boolean {
    return this.#options.response.destroyed;
  }

  get status(): number {
    return this.#options.response.statusCode;
  }

  /** Of the body, as the caller named it; "" where it did not. */
  get contentType(): string {
    return this.#options.request.headers["content-type"] ?? "";
  }

  get headers(): IncomingHttpHeaders {
    return this.#options.request.headers;
  }

  /** Of the other end of the connection: a proxy's, where one stands between. */
  get address(): string {
    return this.#options.request.socket.remoteAddress ?? "";
  }

  setHeader(name: string, value: string | readonly string[]): void {
    this.#headers[name] = value;
  }

  abort(reason: ArrieroError): void {
    this.#gone.abort(reason);
  }

  /** `any type`: clients that send JSON under another name are read too, as long as they are no browsers. */
  async readJson(declared: "json" | "any type" = "json"): Promise<unknown> {
    const { begun, limits, request } = this.#options;
    const body = await readJsonBody(request, limits, declared, begun?.body);
    // Here and not in the dialects, so that none can forget it.
    this.tally.narrow(residencyOfBody(body));
    return body;
  }

  /** The body, of type application/octet-stream: a web form cannot send it. Throws as `readJson`. */
  readBytes(most: number): Promise<Buffer> {
    const { limits, request } = this.#options;
    requireBytes(request);
    return readBytes(request, { ...limits, bodyBytes: Math.min(most, limits.bodyBytes) });
  }

  /** The body as it comes, for routes that keep no whole of it in memory. It must be here within `limits.requestMs`. */
  readStream(): { readonly bytes: AsyncIterable<Uint8Array>; readonly sizeBytes: number | null } {
    const { request } = this.#options;
    const announced = Number(request.headers["content-length"] ?? Number.NaN);
    // A reader who stops in the middle must be able to say why: the connection stays.
    const bytes = request.iterator({ destroyOnReturn: false });
    return { bytes, sizeBytes: Number.isSafeInteger(announced) ? announced : null };
  }

  sendJson(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
    this.#send(status, JSON.stringify(body), "application/json; charset=utf-8", headers);
  }

  sendText(status: number, text: string, headers: Readonly<Record<string, string>> = {}): void {
    this.#send(status, text, "text/plain; charset=utf-8", headers);
  }

  /** Without a body where `bytes` is null. */
  sendBytes(status: number, bytes: Uint8Array | null, headers: Readonly<Record<string, string>> = {}): void {
    this.#send(status, bytes, null, headers);
  }

  #send(
    status: number,
    body: string | Uint8Array | null,
    contentType: string | null,
    headers: Readonly<Record<string, string>>,
  ): void {
    const { request, response } = this.#options;
    const all = this.#headers;
    if (contentType !== null) all["content-type"] = contentType;
    Object.assign(all, headers);
    if (body !== null) all["content-length"] = String(Buffer.byteLength(body));
    if (status === 408) all["connection"] = "close";
    this.#writeHead(status);
    response.end(body ?? undefined);
    // What is left of an unwanted body is dropped, so that a caller still sending it comes to read the answer; the
    // server's requestTimeout bounds that.
    if (!request.complete) request.resume();
  }

  #writeHead(status: number): void {
    // Node takes several lines of one name as an array, which its type wants to be writable.
    this.#options.response.writeHead(status, this.#headers as Record<string, string | string[]>);
  }

  /**
   * Writes frames as they come, no faster than the caller reads. Headers go with the first frame, so that what fails
   * before it can still have a status.
   */
  async sendFrames(frames: AsyncIterable<string | Uint8Array>, headers: Readonly<Record<string, string>>): Promise<void> {
    const { response } = this.#options;
    for await (const frame of frames) {
      if (!response.headersSent) this.#beginFrames(headers);
      if (!this.#writeFrame(frame)) await this.#drained();
    }
    if (!response.headersSent) this.#beginFrames(headers);
    this.endFrames();
  }

  /** One frame, or several at once; a promise where the caller reads slower than they come. Headers go with the first. */
  sendFrame(frame: string, headers: Readonly<Record<string, string>>): Promise<void> | undefined {
    const { response } = this.#options;
    if (!response.headersSent) this.#beginFrames(headers);
    return this.#writeFrame(frame) ? undefined : this.#drained();
  }

  /** Of chunks Node makes four writes each; a stream of tokens is nothing but small chunks, so they are made here. */
  #beginFrames(headers: Readonly<Record<string, string>>): void {
    const { request, response } = this.#options;
    this.#isChunked = request.httpVersionMinor > 0 && headers["content-length"] === undefined;
    if (this.#isChunked) this.#headers["transfer-encoding"] = "chunked";
    Object.assign(this.#headers, headers);
    this.#writeHead(200);
    response.chunkedEncoding = false;
  }

  #writeFrame(frame: string | Uint8Array): boolean {
    const { response } = this.#options;
    // A chunk without a byte would be the last.
    if (!this.#isChunked || frame.length === 0) return response.write(frame);
    const size = Buffer.byteLength(frame).toString(16);
    if (typeof frame === "string") return response.write(`${size}\r\n${frame}\r\n`);
    return response.write(Buffer.concat([Buffer.from(`${size}\r\n`), frame, LINE_END]));
  }

  endFrames(): void {
    const { response } = this.#options;
    if (this.#isChunked) response.end(LAST_CHUNK);
    else response.end();
  }

  /** Resolves when the caller has read enough for more; a caller who does not in time is cut. */
  #drained(): Promise<void> {
    const { clock, limits, response } = this.#options;
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        cancelTimer();
        response.off("drain", onDrain).off("close", onClose);
        settle();
      };
      const onDrain = (): void => end(resolve);
      const onClose = (): void => end(() => reject(ArrieroError.wrap(this.signal.reason)));
      const cancelTimer = clock.after(limits.slowReaderMs, () => {
        this.abort(new ArrieroError("cancelled", `The caller read nothing for ${limits.slowReaderMs} ms.`));
        response.destroy();
      });
      response.on("drain", onDrain).on("close", onClose);
      if (response.destroyed) onClose();
    });
  }
}
