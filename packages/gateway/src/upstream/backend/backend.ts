import type { Clock } from "@arriero/fleet";
import { ArrieroError } from "@arriero/spec";
import type { Dispatcher } from "undici";
import type { EnginePools } from "../engine-pools.ts";
import { UpstreamBroken } from "../upstream-broken.ts";
import { Watchdog } from "../watchdog.ts";
import { broken, malformed } from "./backend-faults.ts";
import { type CredentialRef, resolveCredential } from "./credential.ts";
import { explainRefusal, readRetryAfter } from "./refusal.ts";

/** An error answer longer than this is not read on. */
const MAX_ERROR_BYTES = 64 * 1024;
/** From the end of an answer to the end of its body. */
const END_TIMEOUT_MS = 1_000;

/** Bounds of one exchange with a backend. Milliseconds and bytes. */
export interface ExchangeLimits {
  /** To the answer's headers. Some servers send them with the first token: queue and prompt may lie before. */
  readonly headersMs: number;
  /** From the headers to the first event. */
  readonly firstEventMs: number;
  /** Between two events; a stream silent for longer is continued elsewhere. */
  readonly idleMs: number;
  /** An answer altogether. */
  readonly responseBytes: number;
}

export const EXCHANGE_LIMITS: ExchangeLimits = {
  headersMs: 300_000,
  firstEventMs: 300_000,
  idleMs: 60_000,
  responseBytes: 256 * 1024 * 1024,
};

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

/** What the bytes of a streamed answer are turned into. Throws UpstreamBroken on what the protocol does not allow. */
export interface AnswerReader<Event> {
  /** Output has begun: from now on silence is a stall. */
  readonly streaming: boolean;
  /** Nothing is missing: what may still come is usage and the mark of the end. */
  readonly finished: boolean;
  push(chunk: Uint8Array): readonly Event[];
  /** What the end of the answer completes. Throws where it is not complete. */
  end(): readonly Event[];
}

/** One backend over HTTP: bounded waits, bounded answers, coded errors; the credential goes nowhere but there. */
export class Backend {
  readonly #services: BackendServices;
  readonly #options: BackendOptions;
  readonly #base: URL;

  constructor(services: BackendServices, options: BackendOptions) {
    this.#services = services;
    this.#options = options;
    this.#base = new URL(options.url);
  }

  /** @throws UpstreamBroken: another backend may have the model */
  modelName(model: string, adapter: string | null): string {
    const name = this.#options.nameOf(model, adapter);
    if (name !== null) return name;
    const asked = adapter === null ? model : `${model}+${adapter}`;
    throw broken("backend_misconfigured", `The backend ${this.#options.id} has no name for ${asked}.`);
  }

  /** The events of a streamed answer to a POST. Leaving early closes the connection. */
  async *stream<Event>(
    path: string,
    body: unknown,
    contentType: RegExp,
    reader: AnswerReader<Event>,
    signal: AbortSignal,
  ): AsyncGenerator<Event, void, void> {
    const { clock } = this.#services;
    const { firstEventMs, headersMs, idleMs, responseBytes } = this.#options.limits;
    const dog = new Watchdog(clock, signal);
    let response: Dispatcher.ResponseData | null = null;
    try {
      dog.arm(headersMs, () => tooLate(`The backend sent no headers within ${headersMs} ms.`));
      response = await this.#post(path, body, dog.signal);
      const type = String(response.headers["content-type"] ?? "");
      if (!contentType.test(type)) throw malformed(`an answer of the type ${JSON.stringify(type.slice(0, 64))}`);
      dog.arm(firstEventMs, () => tooLate(`The backend sent nothing within ${firstEventMs} ms.`));
      let bytes = 0;
      for await (const chunk of response.body as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        if (bytes > responseBytes) throw malformed(`more than ${responseBytes} bytes`);
        const events = reader.push(chunk);
        // A chunk without an event (a comment, half a frame) ends no wait: only what the caller gets counts. Nor does the
        // wait run while the caller is busy: a slow one is no stalled backend.
        if (events.length > 0) dog.disarm();
        for (const event of events) yield event;
        const patience = reader.streaming ? idleMs : firstEventMs;
        if (reader.finished) dog.arm(END_TIMEOUT_MS, () => tooLate("The backend did not end its answer."));
        else if (events.length > 0) dog.arm(patience, () => tooLate(`The backend fell silent for ${patience} ms.`));
      }
    } catch (thrown) {
      // Once everything was said, how the connection ends says nothing; what was said wrongly still does.
      const lateOrCut = dog.signal.aborted || !(thrown instanceof UpstreamBroken);
      if (!reader.finished || !lateOrCut || signal.aborted) throw explain(thrown, signal, dog.signal);
    } finally {
      dog.release();
      response?.body.on("error", () => undefined).destroy();
    }
    yield* reader.end();
  }

  /** A whole JSON answer to a POST. */
  async ask(path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    const { headersMs, responseBytes } = this.#options.limits;
    const dog = new Watchdog(this.#services.clock, signal);
    try {
      dog.arm(headersMs, () => tooLate(`The backend did not answer within ${headersMs} ms.`));
      const response = await this.#post(path, body, dog.signal);
      const text = await readText(response, responseBytes);
      if (text === null) throw malformed(`more than ${responseBytes} bytes`);
      const answer = parseJson(text);
      if (answer === undefined) throw malformed("an answer that is not JSON");
      return answer;
    } catch (thrown) {
      throw explain(thrown, signal, dog.signal);
    } finally {
      dog.release();
    }
  }

  async #post(path: string, body: unknown, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { credential } = this.#options;
    const secret = credential === null ? null : await resolveCredential(credential);
    const response = await this.#services.pools.at(this.#base.origin).request({
      method: "POST",
      path: this.#base.pathname.replace(/\/+$/, "") + path,
      headers: {
        "content-type": "application/json",
        ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
      },
      body: JSON.stringify(body),
      signal,
    });
    if (response.statusCode === 200) return response;
    const text = await readText(response, MAX_ERROR_BYTES);
    throw explainRefusal({
      status: response.statusCode,
      body: parseJson(text ?? ""),
      retryAfter: readRetryAfter(response.headers["retry-after"], this.#services.clock.now()),
      secret,
    });
  }
}

function tooLate(message: string): UpstreamBroken {
  return broken("upstream_timeout", message);
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

/** What a failed exchange means: the caller left, the backend was too late, a coded refusal, or else the connection broke. */
function explain(thrown: unknown, caller: AbortSignal, dog: AbortSignal): unknown {
  if (caller.aborted) return ArrieroError.wrap(caller.reason);
  if (dog.aborted) return dog.reason;
  if (thrown instanceof UpstreamBroken || thrown instanceof ArrieroError) return thrown;
  const cause = thrown instanceof Error ? thrown.message : String(thrown);
  return broken("replica_failed", `The connection to the backend broke: ${cause}.`, { cause: thrown });
}
