import type { Clock } from "@arriero/fleet";
import type { ArrieroError } from "@arriero/spec";
import type { Dispatcher } from "undici";
import { traceHeaders } from "../../tracing/outgoing-trace.ts";
import type { EnginePools } from "../engine-pools.ts";
import type { UpstreamBroken } from "../upstream-broken.ts";
import { broken, malformed } from "./backend-faults.ts";
import {
  type AnswerReader,
  boundedAnswer,
  boundedStream,
  type ExchangeBounds,
  type ExchangeLimits,
  type OpenAnswer,
} from "./bounded-exchange.ts";
import { type CredentialRef, credentialNow, isAtHand, resolveCredential } from "./credential.ts";
import { type AnswerListener, OneAnswer } from "./one-answer.ts";
import { explainRefusal, readRetryAfter } from "./refusal.ts";
import { type RefusedAnswer, RelayedAnswer } from "./relayed-answer.ts";

/** An error answer longer than this is not read on. */
const MAX_ERROR_BYTES = 64 * 1024;
/** A server that is not ours: where it is and how it is spoken to. */
export interface BackendOptions {
  readonly id: string;
  /** Base of its routes: `http://10.0.0.7:8000/v1`. */
  readonly url: string;
  readonly credential: CredentialRef | null;
  /** The backend's own name for a model with an adapter; null: it has none. */
  nameOf(model: string, adapter: string | null): string | null;
  readonly limits: ExchangeLimits;
}

export interface BackendServices {
  readonly pools: EnginePools;
  readonly clock: Clock;
}

/** One backend over HTTP: bounded waits, bounded answers, coded errors; the credential goes nowhere but there. */
export class Backend {
  readonly #services: BackendServices;
  readonly #options: BackendOptions;
  readonly #origin: string;
  readonly #prefix: string;

  constructor(services: BackendServices, options: BackendOptions) {
    this.#services = services;
    this.#options = options;
    const { origin, pathname } = new URL(options.url);
    this.#origin = origin;
    this.#prefix = pathname.replace(/\/+$/, "");
  }

  /** @throws UpstreamBroken: another backend may have the model */
  modelName(model: string, adapter: string | null): string {
    const name = this.#options.nameOf(model, adapter);
    if (name !== null) return name;
    const asked = adapter === null ? model : `${model}+${adapter}`;
    throw broken("backend_misconfigured", `The backend ${this.#options.id} has no name for ${asked}.`);
  }

  /** The events of a streamed answer to a POST. Leaving early closes the connection. */
  stream<Event>(
    path: string,
    body: unknown,
    contentType: RegExp,
    reader: AnswerReader<Event>,
    signal: AbortSignal,
  ): AsyncGenerator<Event, void, void> {
    const open = async (within: AbortSignal): Promise<OpenAnswer<Uint8Array>> => {
      const response = await this.#post(path, body, within);
      const close = (): void => void response.body.on("error", () => undefined).destroy();
      const type = String(response.headers["content-type"] ?? "");
      if (contentType.test(type)) return { chunks: atMost(response, this.#options.limits.responseBytes), close };
      close();
      throw malformed(`an answer of the type ${JSON.stringify(type.slice(0, 64))}`);
    };
    return boundedStream(this.#bounds, open, reader, signal);
  }

  /** The same, told to a sink as the bytes come. @param within for an answer in one piece: the longest wait for it, milliseconds */
  async relay<Event>(
    path: string,
    body: unknown,
    contentType: RegExp,
    reader: AnswerReader<Event>,
    signal: AbortSignal,
    sink: (events: readonly Event[]) => Promise<void> | undefined,
    within: number | null = null,
  ): Promise<void> {
    const { credential, limits } = this.#options;
    const secret = credential === null ? null : await resolveCredential(credential);
    const answer = new RelayedAnswer({
      clock: this.#services.clock,
      limits: within === null ? limits : { ...limits, headersMs: within, firstEventMs: within },
      reader,
      contentType,
      sink,
      signal,
      errorBytes: MAX_ERROR_BYTES,
      explainRefusal: (refused) => this.#explain(refused, secret),
    });
    try {
      this.#services.pools.at(this.#origin).dispatch(this.#call(path, body, secret), answer);
    } catch (thrown) {
      answer.failed(thrown);
    }
    await answer.done;
  }

  /** The credential is no file, which would have to be read. */
  get isAtHand(): boolean {
    const { credential } = this.#options;
    return credential === null || isAtHand(credential);
  }

  /**
   * The same in one piece, told to a listener, where the credential is at hand.
   * @param withinMs the longest wait
   * @returns ends it, unheard
   * @throws as `resolveCredential`
   */
  askAtOnce(path: string, body: unknown, withinMs: number, listener: AnswerListener): () => void {
    const { credential, limits } = this.#options;
    const secret = credential === null ? null : credentialNow(credential);
    const answer = new OneAnswer({
      clock: this.#services.clock,
      withinMs,
      mostBytes: limits.responseBytes,
      listener,
      explainRefusal: (refused) => this.#explain(refused, secret),
    });
    try {
      this.#services.pools.at(this.#origin).dispatch(this.#call(path, body, secret), answer);
    } catch (thrown) {
      answer.fail(thrown);
    }
    return () => answer.cancel();
  }

  /** A whole JSON answer to a POST. */
  async ask(path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    const read = async (within: AbortSignal): Promise<unknown> => {
      const { responseBytes } = this.#options.limits;
      const text = await readText(await this.#post(path, body, within), responseBytes);
      if (text === null) throw malformed(`more than ${responseBytes} bytes`);
      const answer = parseJson(text);
      if (answer === undefined) throw malformed("an answer that is not JSON");
      return answer;
    };
    return boundedAnswer(this.#bounds, read, signal);
  }

  get #bounds(): ExchangeBounds {
    return { clock: this.#services.clock, limits: this.#options.limits };
  }

  async #post(path: string, body: unknown, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { credential } = this.#options;
    const secret = credential === null ? null : await resolveCredential(credential);
    const response = await this.#services.pools.at(this.#origin).request({ ...this.#call(path, body, secret), signal });
    if (response.statusCode === 200) return response;
    const text = await readText(response, MAX_ERROR_BYTES);
    throw this.#explain({ status: response.statusCode, headers: response.headers, text }, secret);
  }

  #call(path: string, body: unknown, secret: string | null) {
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (secret !== null) headers["authorization"] = `Bearer ${secret}`;
    const trace = traceHeaders();
    if (trace !== null) Object.assign(headers, trace);
    return { method: "POST" as const, path: this.#prefix + path, headers, body: JSON.stringify(body) };
  }

  #explain({ headers, status, text }: RefusedAnswer, secret: string | null): ArrieroError | UpstreamBroken {
    const retryAfter = readRetryAfter(headers["retry-after"], this.#services.clock.now());
    return explainRefusal({ status, body: parseJson(text ?? ""), retryAfter, secret });
  }
}

/** The chunks of a body. @throws UpstreamBroken where it has more than `most` bytes */
async function* atMost(response: Dispatcher.ResponseData, most: number): AsyncGenerator<Uint8Array, void, void> {
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > most) throw malformed(`more than ${most} bytes`);
    yield chunk;
  }
}

/** The body as text; null: longer than `most` bytes, the rest is not read. */
async function readText(response: Dispatcher.ResponseData, most: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > most) {
      response.body.on("error", () => undefined).destroy();
      return null;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
