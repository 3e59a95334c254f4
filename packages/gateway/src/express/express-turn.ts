import { randomInt } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { openai } from "@arriero/dialects";
import { ArrieroError, type GenerationEvent } from "@arriero/spec";
import type { BackendSet, LentNow } from "../backends/backend-set.ts";
import { storedName } from "../backends/routed-catalogue.ts";
import { judged } from "../backends/watched-upstream.ts";
import type { BegunExchange } from "../http/exchange.ts";
import type { Principal } from "../http/principal.ts";
import { parseJson } from "../http/read-body.ts";
import { Tally } from "../http/tally.ts";
import { mayUse } from "../models/visible-models.ts";
import { type RequestIds, requestIds } from "../request-id.ts";
import { callerResidency } from "../routing/caller-residency.ts";
import { OpenAiWholeAnswer } from "../upstream/openai/whole-answer.ts";
import { UpstreamBroken } from "../upstream/upstream-broken.ts";
import type { RequestAccount } from "../usage/request-account.ts";
import type { ExpressServices } from "./express-lane.ts";
import { type PlainChat, plainChat } from "./plain-chat.ts";
import { plainNeeds } from "./plain-needs.ts";

const SEEDS = 2 ** 32;
/** A request of this way is in the ledger from its end on, and by then nothing can be waited for. */
const NOBODY_LEAVES = new AbortController().signal;

/** What the usual way is given of a request that was begun here. */
export interface HandedOver extends BegunExchange {
  readonly ids: RequestIds;
  /** Its limits were entered by this; null: they were not. */
  readonly account: RequestAccount | null;
  /** What it is refused with; null: nothing. */
  readonly refusal: ArrieroError | null;
}

export interface ExpressTurnOptions {
  readonly services: ExpressServices;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly principal: Principal;
  /** Of the body, as announced. */
  readonly length: number;
}

/** One request on the short way, in the order of the usual one: read, admit, route, ask, answer, account. */
export class ExpressTurn {
  readonly ids: RequestIds;
  readonly tally = new Tally();
  readonly startedAt: number;
  error: ArrieroError | null = null;
  readonly #options: ExpressTurnOptions;
  readonly #headers: Record<string, string>;
  #body: Buffer = Buffer.alloc(0);
  #account: RequestAccount | null = null;
  #work: LentNow["work"] | null = null;
  #cancel: (() => void) | null = null;
  /** The usual way has it, or its caller has left. */
  #isOver = false;

  constructor(options: ExpressTurnOptions) {
    this.#options = options;
    this.ids = requestIds(options.request.headers["x-request-id"]);
    this.startedAt = options.services.clock.now();
    this.#headers = { "x-request-id": this.ids.request, "request-id": this.ids.request };
  }

  get client(): string {
    return this.#options.principal.id;
  }

  begin(): void {
    const { length, request, response, services } = this.#options;
    services.begin(this);
    response.on("error", () => undefined).once("close", this.#onClose);
    request.on("data", (chunk: Buffer) => {
      this.#body =
        this.#body.length === 0 ? chunk : Buffer.concat([this.#body, chunk], Math.min(this.#body.length + chunk.length, length));
    });
    request.once("end", () => {
      if (!this.#isOver) this.#run();
    });
  }

  /** The server stops, and waits no longer. */
  abort(reason: ArrieroError): void {
    if (this.#isOver || this.#options.response.headersSent) return;
    this.#openRow();
    this.#handOver(reason);
  }

  #run(): void {
    const { principal, services } = this.#options;
    const chat = plainChatIn(this.#body);
    const set = chat === null ? null : services.routed.find(chat.model);
    if (chat === null || set === null || !isPlain(set, chat, principal) || services.isKept(chat.model)) {
      this.#handOver(null);
      return;
    }
    const { startedAt, tally } = this;
    const request = { id: this.ids.generation, principal, tally, startedAt };
    this.#account = services.accounting.enterNow(request, (headers) => void Object.assign(this.#headers, headers));
    if (this.#account === null) {
      this.#handOver(null);
      return;
    }
    tally.residency = callerResidency(principal, services.organisations());
    tally.model = set.model.name;
    const lent = set.lendNow(plainNeeds(chat), services.routed.residencyFor(tally.residency), (audit) => tally.decide(audit));
    if (lent === null) {
      this.#handOver(null);
      return;
    }
    this.#work = lent.work;
    this.#ask(lent, set, chat);
  }

  #ask({ id, upstream, work }: LentNow, set: BackendSet, chat: PlainChat): void {
    const listener = {
      answered: (bytes: Buffer) => this.#answered(bytes, set, chat),
      failed: (thrown: unknown) => this.#failed(thrown, set),
    };
    set.begin();
    this.tally.attempt(id);
    try {
      this.#cancel = upstream.askChatAtOnce(chat.asked, chat.seed ?? randomInt(SEEDS), work.wholeMs, listener);
    } catch (thrown) {
      this.#failed(thrown, set);
    }
  }

  #answered(bytes: Buffer, set: BackendSet, { model }: PlainChat): void {
    const { response, services } = this.#options;
    const { ids, tally } = this;
    const now = services.clock.now();
    let events: readonly GenerationEvent[];
    let text: string;
    try {
      const answer = new OpenAiWholeAnswer({ id: ids.generation, model, n: 1 }, services.clock);
      answer.push(bytes);
      events = answer.end();
      text = JSON.stringify(completion(events, this.#presentation(model)));
    } catch (thrown) {
      this.#failed(thrown, set);
      return;
    }
    this.#work?.firstToken(now);
    this.#work?.end({ kind: "success" }, now);
    this.#work = null;
    tally.generation().count(events, now);
    this.#headers["content-type"] = "application/json; charset=utf-8";
    this.#headers["content-length"] = String(Buffer.byteLength(text));
    response.writeHead(200, this.#headers);
    response.end(text);
  }

  #failed(thrown: unknown, set: BackendSet): void {
    this.#work?.end(judged(thrown), this.#options.services.clock.now());
    this.#work = null;
    const mayGoOn = isElsewhereBetter(thrown) && set.mayRetry();
    if (mayGoOn) this.tally.continuations++;
    else this.#openRow();
    this.#handOver(mayGoOn ? null : ArrieroError.wrap(thrown instanceof UpstreamBroken ? thrown.error : thrown));
  }

  #handOver(refusal: ArrieroError | null): void {
    const { request, response, services } = this.#options;
    this.#isOver = true;
    this.#work?.end({ kind: "left" }, services.clock.now());
    this.#cancel?.();
    response.off("close", this.#onClose);
    services.end(this, null);
    const { ids, startedAt, tally } = this;
    services.handOver(request, response, { body: this.#body, ids, startedAt, tally, account: this.#account, refusal });
  }

  /** The answer is out, or the caller has left without it. */
  readonly #onClose = (): void => {
    const { response, services } = this.#options;
    const isAnswered = response.writableFinished;
    this.#isOver = true;
    if (!isAnswered) {
      this.error ??= new ArrieroError("cancelled", "The caller closed the connection.");
      this.#cancel?.();
      this.#work?.end({ kind: "left" }, services.clock.now());
    }
    services.end(this, isAnswered ? response.statusCode : CLOSED_BY_CALLER);
    this.#openRow();
    this.#account?.end(this.error, services.clock.now());
  };

  /** The ledger hears of the request once it has been sent to somebody; its end is noted after. */
  #openRow(): void {
    const { model } = this.tally;
    if (model !== null) this.#account?.begin(model, null, NOBODY_LEAVES).catch(() => undefined);
  }

  #presentation(model: string): openai.ChatPresentation {
    return {
      id: `chatcmpl-${this.ids.generation}`,
      created: Math.floor(this.startedAt / 1000),
      model,
      fingerprint: `arriero-${this.#options.services.version}`,
      stream: false,
      includeUsage: false,
      choices: 1,
      logprobs: false,
      legacyFunctions: false,
    };
  }
}

export const CLOSED_BY_CALLER = 499;

function plainChatIn(body: Buffer): PlainChat | null {
  try {
    return plainChat(parseJson(body));
  } catch {
    return null;
  }
}

/** The model is named by its own name, is the caller's to use, and has no replicas here, whose file may bring words of its own. */
function isPlain({ model }: BackendSet, asked: PlainChat, { scopes }: Principal): boolean {
  return model.name === asked.model && storedName(model) === null && mayUse(scopes, model.name, null);
}

function completion(events: readonly GenerationEvent[], presentation: openai.ChatPresentation): openai.ChatCompletion {
  const whole = new openai.WholeChat(presentation);
  for (const event of events) whole.add(event);
  return whole.completion();
}

/** What speaks of the request itself is the caller's to hear; a backend that is busy is not the only one. */
const isElsewhereBetter = (thrown: unknown): boolean =>
  !(thrown instanceof ArrieroError) || thrown.status >= 500 || thrown.status === 429;
