import type { Clock } from "@arriero/fleet";
import type { ArrieroError } from "@arriero/spec";
import type { Dispatcher } from "undici";
import type { UpstreamBroken } from "../upstream-broken.ts";
import { malformed } from "./backend-faults.ts";
import { explain, tooLate } from "./bounded-exchange.ts";
import type { RefusedAnswer } from "./relayed-answer.ts";

const NEVER = { aborted: false, reason: undefined };

/** Hears of one answer, once. */
export interface AnswerListener {
  /** Its body, of status 200 and JSON by its type. */
  answered(bytes: Buffer): void;
  /** UpstreamBroken: another backend may do better. */
  failed(thrown: unknown): void;
}

export interface OneAnswerOptions {
  readonly clock: Clock;
  /** To its end, milliseconds. */
  readonly withinMs: number;
  readonly mostBytes: number;
  readonly listener: AnswerListener;
  explainRefusal(refused: RefusedAnswer): ArrieroError | UpstreamBroken;
}

/** One answer in one piece, read where undici hands its bytes over: one timer, and no promise, signal or stream. */
export class OneAnswer implements Dispatcher.DispatchHandler {
  readonly #options: OneAnswerOptions;
  readonly #cancelTimer: () => void;
  #controller: Dispatcher.DispatchController | null = null;
  #status = 0;
  #headers: RefusedAnswer["headers"] = {};
  #bytes = 0;
  readonly #chunks: Buffer[] = [];
  #isOver = false;

  constructor(options: OneAnswerOptions) {
    this.#options = options;
    const { clock, withinMs } = options;
    this.#cancelTimer = clock.after(withinMs, () => this.fail(tooLate(`The backend did not answer within ${withinMs} ms.`)));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isOver) controller.abort(new Error("nobody waits for it"));
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: RefusedAnswer["headers"]): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#options.mostBytes) this.fail(malformed(`more than ${this.#options.mostBytes} bytes`));
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (!this.#end()) return;
    const { explainRefusal, listener } = this.#options;
    const bytes = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    const type = String(this.#headers["content-type"] ?? "");
    if (this.#status !== 200) {
      listener.failed(explainRefusal({ status: this.#status, headers: this.#headers, text: bytes.toString("utf8") }));
    } else if (/^application\/json\b/i.test(type)) listener.answered(bytes);
    else listener.failed(malformed(`an answer of the type ${JSON.stringify(type.slice(0, 64))}`));
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.fail(error);
  }

  fail(thrown: unknown): void {
    if (!this.#end()) return;
    this.#controller?.abort(thrown instanceof Error ? thrown : new Error("the answer is not read on"));
    this.#options.listener.failed(explain(thrown, NEVER, NEVER));
  }

  /** Nobody waits for it any more, and nobody hears of it. */
  cancel(): void {
    if (this.#end()) this.#controller?.abort(new Error("nobody waits for it"));
  }

  #end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#cancelTimer();
    return true;
  }
}
