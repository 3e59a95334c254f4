import { ArrieroError } from "@arriero/spec";
import type { Dispatcher } from "undici";
import { Deadline } from "../deadline.ts";
import { UpstreamBroken } from "../upstream-broken.ts";
import { malformed } from "./backend-faults.ts";
import { type AnswerReader, END_TIMEOUT_MS, type ExchangeBounds, explain, tooLate } from "./bounded-exchange.ts";

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** What is read of an answer that is none: the body of an error, for `explainRefusal`. */
export interface RefusedAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** null: longer than is read. */
  readonly text: string | null;
}

export interface RelayOptions<Event> extends ExchangeBounds {
  readonly reader: AnswerReader<Event>;
  readonly contentType: RegExp;
  /** An error answer longer than this is not read on. */
  readonly errorBytes: number;
  explainRefusal(refused: RefusedAnswer): ArrieroError | UpstreamBroken;
  sink(events: readonly Event[]): Promise<void> | undefined;
  readonly signal: AbortSignal;
}

/**
 * One streamed answer, read where undici hands its bytes over: no stream, no iterator and no promise stand between a
 * chunk and the sink. The waits are those of `boundedStream`.
 */
export class RelayedAnswer<Event> implements Dispatcher.DispatchHandler {
  /** Resolves when the reader has all; rejects as `boundedStream` throws. */
  readonly done: Promise<void>;
  readonly #options: RelayOptions<Event>;
  readonly #deadline: Deadline;
  /** Asked once: it is worked out anew from what the backend has shown. */
  readonly #idleMs: number;
  #resolve: () => void = () => undefined;
  #reject: (reason: unknown) => void = () => undefined;
  #controller: Dispatcher.DispatchController | null = null;
  #refused: { readonly status: number; readonly headers: Headers; readonly chunks: Buffer[] } | null = null;
  #bytes = 0;
  #settled = false;
  /** The sink has asked for a pause; what ended meanwhile is told when it is over. */
  #waiting = false;
  #afterWait: (() => void) | null = null;

  constructor(options: RelayOptions<Event>) {
    this.#options = options;
    this.#deadline = new Deadline(options.clock);
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const { headersMs, idleMs } = options.limits;
    this.#idleMs = idleMs;
    this.#deadline.arm(headersMs, () => this.#late(`The backend sent no headers within ${headersMs} ms.`));
    options.signal.addEventListener("abort", this.#onAbort, { once: true });
    if (options.signal.aborted) this.#onAbort();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#settled) controller.abort(new Error("nobody waits for it"));
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (this.#settled || status < 200) return;
    if (status !== 200) {
      this.#refused = { status, headers, chunks: [] };
      return;
    }
    const type = String(headers["content-type"] ?? "");
    const { contentType, limits } = this.#options;
    if (!contentType.test(type)) {
      this.#fail(malformed(`an answer of the type ${JSON.stringify(type.slice(0, 64))}`));
      return;
    }
    this.#deadline.arm(limits.firstEventMs, () => this.#late(`The backend sent nothing within ${limits.firstEventMs} ms.`));
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    this.#bytes += chunk.length;
    if (this.#refused !== null) {
      this.#readRefusal(this.#refused.chunks, chunk);
      return;
    }
    const { limits, reader } = this.#options;
    try {
      if (this.#bytes > limits.responseBytes) throw malformed(`more than ${limits.responseBytes} bytes`);
      const events = reader.push(chunk);
      const wait = events.length === 0 ? undefined : this.#options.sink(events);
      if (wait === undefined) this.#expectMore(events.length > 0);
      else this.#pauseFor(wait);
    } catch (thrown) {
      this.#fail(thrown);
    }
  }

  onResponseEnd(): void {
    if (this.#settled) return;
    if (this.#refused === null) this.#whenRead(() => this.#complete());
    else this.#refuse(Buffer.concat(this.#refused.chunks).toString("utf8"));
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    if (this.#settled) return;
    this.#whenRead(() => this.#cut(error));
  }

  /** Before the request is on its way: it could not even be sent. */
  failed(error: unknown): void {
    this.#fail(error);
  }

  /** A chunk without an event (a comment, half a frame) ends no wait: only what the caller gets counts. */
  #expectMore(gotEvents: boolean): void {
    const { limits, reader } = this.#options;
    const patience = reader.streaming ? this.#idleMs : limits.firstEventMs;
    if (reader.finished) this.#deadline.arm(END_TIMEOUT_MS, () => this.#late("The backend did not end its answer."));
    else if (gotEvents) this.#deadline.arm(patience, () => this.#late(`The backend fell silent for ${patience} ms.`));
  }

  /** A slow caller is no stalled backend. */
  #pauseFor(wait: Promise<void>): void {
    this.#deadline.disarm();
    this.#waiting = true;
    this.#controller?.pause();
    wait.then(
      () => {
        this.#waiting = false;
        if (this.#settled) return;
        this.#expectMore(true);
        const next = this.#afterWait;
        this.#afterWait = null;
        if (next === null) this.#controller?.resume();
        else next();
      },
      (thrown: unknown) => this.#fail(thrown),
    );
  }

  #whenRead(next: () => void): void {
    if (this.#waiting) this.#afterWait = next;
    else next();
  }

  #readRefusal(chunks: Buffer[], chunk: Buffer): void {
    if (this.#bytes > this.#options.errorBytes) {
      this.#refuse(null);
      this.#controller?.abort(new Error("the rest is not read"));
    } else chunks.push(chunk);
  }

  #refuse(text: string | null): void {
    const { headers, status } = this.#refused!;
    this.#fail(this.#options.explainRefusal({ status, headers, text }));
  }

  /** Once everything was said, how the connection ends says nothing. */
  #cut(error: unknown): void {
    if (this.#options.reader.finished && !(error instanceof UpstreamBroken)) this.#complete();
    else this.#fail(error);
  }

  #late(message: string): void {
    const error = tooLate(message);
    if (this.#options.reader.finished) {
      this.#complete();
      this.#controller?.abort(error);
    } else this.#fail(error);
  }

  #complete(): void {
    if (!this.#settle()) return;
    try {
      const wait = this.#options.sink(this.#options.reader.end());
      if (wait === undefined) this.#resolve();
      else wait.then(this.#resolve, this.#reject);
    } catch (thrown) {
      this.#reject(thrown);
    }
  }

  #fail(thrown: unknown): void {
    if (!this.#settle()) return;
    this.#controller?.abort(thrown instanceof Error ? thrown : new Error("the answer is not read on"));
    this.#reject(explain(thrown, this.#options.signal, NO_DOG));
  }

  readonly #onAbort = (): void => this.#fail(ArrieroError.wrap(this.#options.signal.reason));

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#deadline.close();
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    return true;
  }
}

/** Here what was too late is thrown itself. */
const NO_DOG = { aborted: false, reason: undefined };
